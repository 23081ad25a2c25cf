#include "native/model.h"

#include <utility>

#include "base/error.h"
#include "native/files.h"
#include "native/output.h"
#include "native/rescue.h"
#include "native/shell.h"
#include "train/checkpoint.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

const char* training_command(TrainingMethod method) {
  return method == TrainingMethod::kPlain ? "train" : "adversarial-train";
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  return safetensors_of(read_file(path, kLargestFile), path);
}

Safetensors safetensors_of(ByteView bytes, const std::filesystem::path& path) {
  Safetensors file = parse_safetensors(bytes, path.string());
  if (!file.note.empty()) tell_note(path.string() + ": " + file.note);
  return file;
}

void refuse_checkpoint(const Safetensors& file, const std::filesystem::path& path) {
  const auto method = checkpoint_method(file);
  if (!method) return;
  const CommandLine go_on =
      CommandLine(called_as(), training_command(*method)).option("--resume", path.string());
  throw Error(path.string() +
              ": is a checkpoint of a training run, not weights; give the weights that the run "
              "wrote, or go on with it by: " +
              go_on.text() + " --data FOLDER --out WEIGHTS");
}

Network model_of(const Safetensors& file, const std::filesystem::path& path) {
  refuse_checkpoint(file, path);
  return network_of(file, path.string());
}

Network load_model(const std::filesystem::path& path) {
  return model_of(read_safetensors(path), path);
}

void save_model(const Network& network, std::map<std::string, std::string> metadata,
                const std::filesystem::path& path, const std::string& command) {
  save_model(write_safetensors(model_file(network, std::move(metadata))), path, command);
}

void save_model(ByteView file, const std::filesystem::path& path, const std::string& command) {
  const Kept kept = write_or_rescue(path, file);
  if (kept.trouble.empty()) return;
  if (!kept.path.empty()) {
    throw Error(kept.trouble + "; the weights are kept in " + kept.path.string());
  }
  throw Error(kept.trouble + "; the weights could not be kept in the temporary directory either" +
              (command.empty() ? "" : "; when that is mended, make them again by: " + command));
}

}  // namespace inoculate
