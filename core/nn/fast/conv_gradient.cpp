#include "nn/fast/conv_gradient.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/fast/sparse_products.h"
#include "nn/gemm.h"

namespace inoculate {

ConvGradient::ConvGradient(const FrozenConv& conv)
    : conv_(conv.conv), in_(conv.in), row_(conv.conv.kernel * conv.conv.in.c) {
  const int f = conv_.out.c;
  transposed_.resize(index(conv_.kernel * f * row_));
  const float* kernel = conv.kernel();
  float* to = transposed_.data();
  for (int k = 0; k < conv_.kernel; ++k, kernel += row_ * f) {
    transpose(to, row_, kernel, f, row_, f);
    for (int i = 0; i < f; ++i, to += row_) {
      const float slope = conv.activation.slope()[index(i)];
      for (int j = 0; j < row_; ++j) to[j] *= slope;
    }
  }
}

void ConvGradient::backward(float* d_in, const SparseMap& d_out, int first, const RowBits* windows,
                            ImageBits images) const {
  const int f = conv_.out.c;
  for_each_bit(images, [&](int i) { clear_floats(d_in + i * in_.size(), in_.size()); });
  for (int k = 0; k < conv_.kernel; ++k) {
    for_each_tile(row_, [&](int column, auto tile) {
      const float* part = kernel(k) + column;
      for_each_bit(images, [&](int i) {
        for (int y = 0; y < conv_.out.h; ++y) {
          float* to = d_in + i * in_.size() +
                      in_.at(y * conv_.stride - conv_.pad_top + k, -conv_.pad_left) + column;
          for_each_bit(windows[i * conv_.out.h + y], [&](int x) {
            add_sparse_row(tile, to + x * conv_.stride * conv_.in.c,
                           d_out.row(first + i, y, x, x + 1), x * f, part, row_);
          });
        }
      });
    });
  }
}

}  // namespace inoculate
