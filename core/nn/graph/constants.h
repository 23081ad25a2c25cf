// Arithmetic on constants: shapes that a file works out, and weights that it rearranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/onnx/model.h"

namespace inoculate {

/// While the file's arithmetic on shapes is followed, a free batch is this many images: a number
/// that no other extent has.
inline constexpr std::int64_t kFreeBatch = 999983;

/// Whether a number is so many times the images of a free batch.
inline bool counts_images(std::int64_t number) { return number != 0 && number % kFreeBatch == 0; }

/// What a node gives whose inputs are all constants; one that is left out is null. Throws Error,
/// which says what is wrong and not where.
std::vector<SharedTensor> evaluate_constants(const OnnxNode& node,
                                             const std::vector<const OnnxTensor*>& inputs);

/// The node that is worked out, for the functions below.
struct ConstantNode {
  const OnnxNode& node;
  const std::vector<const OnnxTensor*>& inputs;

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  const OnnxTensor& in(std::size_t i) const;
  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  /// An attribute, or the input that later opsets have in its place.
  Sizes integers(const char* name, std::size_t input) const;
  /// An input of whole numbers.
  const Sizes& wholes(std::size_t i) const;
  /// `axis` of a tensor of that rank, from 0 on.
  static std::size_t axis(std::int64_t axis, std::size_t rank);
};

/// The same numbers, or some of them, in other places.
OnnxTensor constant_reshape(const ConstantNode&), constant_squeeze(const ConstantNode&),
    constant_unsqueeze(const ConstantNode&), constant_concat(const ConstantNode&),
    constant_gather(const ConstantNode&), constant_slice(const ConstantNode&),
    constant_transpose(const ConstantNode&), constant_expand(const ConstantNode&),
    constant_of_shape(const ConstantNode&);
std::vector<SharedTensor> constant_split(const ConstantNode&);

/// How many values a constant of these dims has. Throws Error where that is too many.
std::size_t constant_size(const Sizes& dims);
/// A tensor without values.
OnnxTensor empty_like(const OnnxTensor& like, Sizes dims);
/// Appends value `i` of `from`, a tensor of the same kind; or a number. Throws Error for one that
/// the tensor's type does not hold, which others would let wrap around.
void append(OnnxTensor& to, const OnnxTensor& from, std::size_t i);
void append(OnnxTensor& to, double value);
/// Where `index` of a larger tensor is in `tensor`, which is broadcast to it.
std::size_t broadcast_place(const OnnxTensor& tensor, const Sizes& index);
Sizes broadcast_dims(const Sizes& a, const Sizes& b);

/// Which indices a slice takes of an axis: `count` of them from `begin` on. Throws Error for a step
/// of 0, and where it depends on how many images there are.
struct SliceRange {
  std::int64_t begin, count;
};
SliceRange slice_range(std::int64_t extent, std::int64_t start, std::int64_t end,
                       std::int64_t step);

/// The extents of a Split's outputs; `sizes` is empty where they are equal, but for the last.
/// Throws Error where they are not `extent` together.
Sizes split_sizes(std::int64_t extent, Sizes sizes, std::size_t outputs);

/// Calls body(index) for every element of a tensor of these dims, in order.
template <class F>
void for_each_index(const Sizes& dims, F&& body) {
  Sizes index(dims.size());
  for (std::size_t left = constant_size(dims); left > 0; --left) {
    body(index);
    for (std::size_t i = index.size(); i-- > 0;) {
      if (++index[i] < dims[i]) break;
      index[i] = 0;
    }
  }
}

}  // namespace inoculate
