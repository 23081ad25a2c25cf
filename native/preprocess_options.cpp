#include "native/preprocess_options.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/files.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 24;

constexpr std::pair<const char*, const char*> kHelp[] = {
    {"preprocess",
     "What the model does with pixels of 0..1 first: none, torch (ImageNet's mean and deviation), "
     "caffe (0..255, blue first, less the mean) or tf (-1..1)"},
    {"mean", "Or: the mean to subtract from each channel, one number or one a channel"},
    {"std", "and the deviation by which it is divided then"},
    {"input_range", "Two numbers: what the pixels 0 and 1 become before the mean is taken"},
    {"channels", "The order of the colours that the model sees: rgb or bgr"},
    {"resize",
     "Pixels of a picture's shorter side before its centre is cut out; if not given the model's "
     "own size / 0.875"},
    {"interpolation", "How pictures are resized: bilinear, if not given, or bicubic"},
    {"classes", "A file with the names of the classes, one a line"},
};

std::string text_of(const std::filesystem::path& path) {
  const Bytes file = read_file(path, kLargestFile);
  return {file.begin(), file.end()};
}

}  // namespace

void add_preprocess_options(Command command, PreprocessOptions& options, std::string_view without) {
  for (const auto& [key, help] : kHelp) {
    if (key == without) continue;
    Option option = command.add_option(preprocess_option(key), options[key], help);
    option.check([](const std::string& text) { return text.empty() ? "is empty" : ""; });
    option.group("Model");
  }
  for (const char* key : {"mean", "std", "input_range", "channels"}) {
    if (key == without) continue;
    command.get_option("--preprocess").excludes(command.get_option(preprocess_option(key)));
  }
}

std::string preprocess_option(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

ModelNotes notes_of(const PreprocessOptions& options) {
  ModelNotes notes;
  for (const auto& [key, value] : options) {
    if (value.empty()) continue;
    const bool is_file = key == "classes";
    const std::string text = is_file ? text_of(value) : value;
    try {
      nlohmann::json object;
      object[key] = note_of_text(key, text);
      notes = either(notes, read_notes(object));
    } catch (const Error& error) {
      if (is_file) throw Error(value + ": " + error.what());
      throw UsageError(preprocess_option(key) + " " + value + ": " + error.what());
    }
  }
  return notes;
}

std::filesystem::path notes_file(const std::filesystem::path& model) {
  return notes_file(model.string(), model_files());
}

ModelNotes known_notes(const ModelNotes& said, const std::filesystem::path& model,
                       const std::map<std::string, std::string>& metadata) {
  return known_notes(said, model.string(), metadata, model_files());
}

void add_model_inputs(std::vector<FileOption>& inputs, const std::string& option,
                      const std::string& path, const PreprocessOptions& options) {
  inputs.push_back({option, path});
  inputs.push_back({option, notes_file(path)});
  const auto classes = options.find("classes");
  if (classes != options.end()) inputs.push_back({"--classes", classes->second});
}

}  // namespace inoculate
