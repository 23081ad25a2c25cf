// Readers of ONNX operators, one or a family a file; operators.cpp lists them.
#pragma once

#include "nn/graph/import.h"

namespace inoculate {

Value read_average_pool(Import&), read_batch_norm(Import&), read_binary(Import&),
    read_cast(Import&), read_concat(Import&), read_conv(Import&), read_conv_transpose(Import&),
    read_dropout(Import&), read_expand(Import&), read_flatten(Import&), read_gather(Import&),
    read_gemm(Import&), read_global_average_pool(Import&), read_global_max_pool(Import&),
    read_group_norm(Import&), read_identity(Import&), read_instance_norm(Import&),
    read_layer_norm(Import&), read_lrn(Import&), read_mat_mul(Import&), read_max_pool(Import&),
    read_pad(Import&), read_reduce(Import&), read_reshape(Import&), read_slice(Import&),
    read_softmax(Import&), read_split(Import&), read_squeeze(Import&), read_transpose(Import&),
    read_unary(Import&), read_unsqueeze(Import&), read_where(Import&);

/// The numbers `indices` of a value along an axis of its dims; none is outside.
Value taken(Import& import, const Value& x, int axis, const Sizes& indices);

/// Values of one order joined along an axis of their dims.
Value join(Import& import, const std::vector<Value>& parts, int axis);

/// The largest stride, dilation, pad and extent of a kernel.
inline constexpr std::int64_t kLargestWindow = 4096;

/// The attribute of that name of a window, `size` numbers from `least` to kLargestWindow; `least`
/// where it is left out.
Sizes window_list(const Import& import, const char* name, std::size_t size, std::int64_t least);

/// The window of a convolution or pool over a value with channels last and one or two axes of
/// positions (with one, height is 1), and the dims of what it gives.
struct ReadWindow {
  Window window;
  Sizes dims;
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode.
ReadWindow read_window(Import& import, const Value& value, const Sizes& kernel);

/// A kernel of the file, [out, in / groups, positions...], as [groups, positions..., in / groups,
/// out / groups].
std::vector<float> transposed_kernel(const OnnxTensor& tensor, std::size_t groups);

}  // namespace inoculate
