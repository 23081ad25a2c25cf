// What a convolution reads: padded images, and the receptive field of every output position in
// them.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/conv2d.h"
#include "nn/gemm.h"

namespace inoculate {

/// Zero-padded copies of some images.
class PaddedImages {
 public:
  /// Makes room for `images` images of `conv`, with zeros for padding. What lies inside is not set:
  /// a buffer that is used again for the same convolution costs nothing.
  void prepare(const Conv2d& conv, int images);
  /// Sets all of it to zero.
  void clear();
  /// Copies image [H, W, C] into slot `slot`, and back out of it.
  void put(int slot, const float* image);
  void get(float* image, int slot) const;
  float* slot(int slot) { return buffer_.data() + static_cast<std::ptrdiff_t>(slot) * size_; }

  /// How a receptive field lies in the padded image: K runs of K * C floats.
  Runs runs() const { return {conv_.kernel, conv_.kernel * conv_.in.c, row_}; }
  /// From the start of the padded image to the receptive field of the output position (y, x).
  std::ptrdiff_t offset(int y, int x) const {
    return y * conv_.stride * row_ + static_cast<std::ptrdiff_t>(x) * conv_.stride * conv_.in.c;
  }

 private:
  /// Where row y of the image in a slot begins.
  std::ptrdiff_t row_offset(int slot, int y) const;

  Conv2d conv_;
  std::ptrdiff_t row_ = 0;   // floats of a padded row
  std::ptrdiff_t size_ = 0;  // floats of a padded image
  std::vector<float> buffer_;
};

/// The distinct receptive fields of some images, in order of their output positions.
///
/// Digits stand on a blank ground: on MNIST 44 % of the second convolution's fields equal the one
/// to their left or above, bit for bit. Such a field is listed once, and its products are computed
/// once.
struct ReceptiveFields {
  std::vector<const float*> fields;  // the distinct ones
  std::vector<int> first;            // per distinct field: the first output position that has it
  std::vector<int> field_of;         // per output position: the index of its field

  /// Lists the fields of the first `images` slots.
  void find(PaddedImages& padded, const Conv2d& conv, int images);
};

/// Fields of fewer floats than this are not worth comparing, and are worth gathering in one piece.
inline constexpr int kSmallField = 64;

}  // namespace inoculate
