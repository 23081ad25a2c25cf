#include "native/model.h"

#include <utility>

#include "native/files.h"
#include "native/output.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

Safetensors parse_file(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, kLargestFile), path.string());
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  Safetensors file = parse_file(path);
  if (!file.note.empty()) tell_note(path.string() + ": " + file.note);
  return file;
}

Network load_model(const std::filesystem::path& path) {
  return network_of(read_safetensors(path), path.string());
}

std::optional<double> promised_accuracy(const std::filesystem::path& path) {
  // The model was loaded from this file, and what there is to note of it was told then.
  return promised_accuracy_of(parse_file(path));
}

void save_model(const Network& network, std::map<std::string, std::string> metadata,
                const std::filesystem::path& path) {
  write_file_atomically(path, write_safetensors(model_file(network, std::move(metadata))));
}

}  // namespace inoculate
