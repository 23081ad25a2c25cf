// The files that a sub-command's options name, looked at together before any work.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "native/data_files.h"

namespace inoculate {

/// A file and the option that named it, such as "--out".
struct FileOption {
  std::string option;
  std::filesystem::path path;  ///< empty: the option was not given
};

/// To be called before work begins. Throws Error when one of `outputs` cannot be written (see
/// require_writable), and UsageError when one is the same file as another of them or as one of
/// `inputs`, by whatever name: what the run reads would be lost, perhaps before it is read.
void check_files(const std::vector<FileOption>& outputs, const std::vector<FileOption>& inputs);

/// Throws UsageError where the name of an output ends as models of another form than `own` do
/// (".json", ".onnx" or ".safetensors"): it would be read as one of those.
void require_ending(const std::filesystem::path& out, const std::string& own);

/// The files of images and labels that `splits` of a data folder are read from.
std::vector<FileOption> data_inputs(const std::filesystem::path& folder,
                                    const std::vector<Split>& splits);

}  // namespace inoculate
