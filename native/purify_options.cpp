#include "native/purify_options.h"

#include <utility>

#include "native/model.h"

namespace inoculate {

Generator load_generator(const std::filesystem::path& path) {
  return generator_of(read_safetensors(path), path.string());
}

void add_purify_options(Command command, PurifyChoice& choice) {
  Option generator = command.add_option(
      "--purify", choice.generator,
      "Replace every image by the nearest that this generator (train-generator --kind vae) can "
      "make, before the model reads it");
  const auto add = [&](const char* name, int& value, const char* text) {
    command.add_option(name, value, text).within(1, 10000).needs(generator).show_default();
  };
  add("--purify-steps", choice.search.steps, "Steps of the search for that image");
  add("--purify-restarts", choice.search.restarts,
      "Starts of that search; the nearest image counts");
}

std::unique_ptr<Classifier> purified(std::unique_ptr<Classifier> model,
                                     const PurifyChoice& choice) {
  if (choice.generator.empty()) return model;
  return std::make_unique<PurifiedClassifier>(std::move(model), load_generator(choice.generator),
                                              choice.search);
}

FileOption purify_input(const PurifyChoice& choice) { return {"--purify", choice.generator}; }

void add_purify_options(CommandLine& line, const PurifyChoice& choice) {
  if (choice.generator.empty()) return;
  line.option("--purify", choice.generator)
      .option("--purify-steps", std::to_string(choice.search.steps))
      .option("--purify-restarts", std::to_string(choice.search.restarts));
}

}  // namespace inoculate
