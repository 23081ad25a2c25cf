#include "native/file_options.h"

#include "native/commands.h"
#include "native/files.h"

namespace inoculate {
namespace {

bool clash(const FileOption& a, const FileOption& b) {
  return !a.path.empty() && !b.path.empty() && same_file(a.path, b.path);
}

}  // namespace

void check_files(const std::vector<FileOption>& outputs, const std::vector<FileOption>& inputs) {
  for (const FileOption& output : outputs) {
    if (!output.path.empty()) require_writable(output.path);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const FileOption& output = outputs[i];
    const auto refuse = [&](const FileOption& other, const std::string& use) {
      throw UsageError(output.option + " " + output.path.string() + ": is the file that " +
                       other.option + use + "; give it another name");
    };
    for (const FileOption& input : inputs) {
      if (clash(output, input)) refuse(input, " reads");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (clash(output, outputs[j])) refuse(outputs[j], " writes");
    }
  }
}

std::vector<FileOption> data_inputs(const std::filesystem::path& folder,
                                    const std::vector<Split>& splits) {
  std::vector<FileOption> files;
  for (const Split split : splits) {
    for (const IdxPart part : {IdxPart::kImages, IdxPart::kLabels}) {
      files.push_back({"--data", find_idx_file(folder, split, part)});
    }
  }
  return files;
}

void require_ending(const std::filesystem::path& out, const std::string& own) {
  const std::string ending = out.extension().string();
  for (const char* other : {".json", ".onnx", ".safetensors"}) {
    if (ending != other || own == other) continue;
    throw UsageError("--out " + out.string() + ": a file of this name would be read as " + other +
                     ", which it is not; give a name that ends in " + own);
  }
}

}  // namespace inoculate
