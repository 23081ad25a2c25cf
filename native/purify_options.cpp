#include "native/purify_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "native/model.h"

namespace inoculate {

Generator load_generator(const std::filesystem::path& path) {
  return generator_of(read_safetensors(path), path.string());
}

void add_purify_options(CLI::App& command, PurifyChoice& choice) {
  CLI::Option* generator = command.add_option(
      "--purify", choice.generator,
      "Replace every image by the nearest that this generator (train-generator --kind vae) can "
      "make, before the model reads it");
  const auto add = [&](const char* name, int& value, const char* text) {
    command.add_option(name, value, text)
        ->check(CLI::Range(1, 10000))
        ->needs(generator)
        ->capture_default_str();
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
