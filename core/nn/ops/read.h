// Readers of ONNX operators, one or a family a file; operators.cpp lists them.
#pragma once

#include "nn/graph/import.h"

namespace inoculate {

Value read_average_pool(Import&), read_batch_norm(Import&), read_binary(Import&),
    read_concat(Import&), read_conv(Import&), read_flatten(Import&), read_gemm(Import&),
    read_global_average_pool(Import&), read_global_max_pool(Import&), read_identity(Import&),
    read_lrn(Import&), read_mat_mul(Import&), read_max_pool(Import&), read_pad(Import&),
    read_reduce(Import&), read_reshape(Import&), read_softmax(Import&), read_squeeze(Import&),
    read_transpose(Import&), read_unary(Import&), read_unsqueeze(Import&);

/// The window of a convolution or pool over a value with channels last and one or two axes of
/// positions (with one, height is 1), and the dims of what it gives.
struct ReadWindow {
  Window window;
  Sizes dims;
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode.
ReadWindow read_window(Import& import, const Value& value, const Sizes& kernel);

}  // namespace inoculate
