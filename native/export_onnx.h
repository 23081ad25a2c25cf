// convert --to onnx: networks and linear models of ours, for other runtimes.
#pragma once

#include <string>

namespace inoculate {

/// Writes the network (.safetensors) or linear model (.json) in file `model` to `out` as ONNX, and
/// tells how far its logits are from it when it is read back. Throws Error, with nothing written,
/// when it cannot be written as ONNX.
void export_onnx(const std::string& model, const std::string& out, bool json);

}  // namespace inoculate
