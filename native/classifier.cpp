#include "native/classifier.h"

#include <system_error>

#include "native/files.h"
#include "native/model.h"
#include "native/output.h"

namespace inoculate {

const FileReader& model_files() {
  static const FileReader files{
      [](const std::string& path, std::size_t most) { return read_file(path, most); },
      [](const std::string& path) {
        std::error_code failure;
        return std::filesystem::exists(path, failure);
      },
      [](const Safetensors& weights, const std::string& path) {
        if (!weights.note.empty()) tell_note(path + ": " + weights.note);
        refuse_checkpoint(weights, path);
      },
      tell_note};
  return files;
}

std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path, ModelNotes* notes) {
  return read_classifier(path.string(), model_files(), notes);
}

ModelFile read_model_file(const std::filesystem::path& path) {
  return read_model_file(path.string(), model_files());
}

}  // namespace inoculate
