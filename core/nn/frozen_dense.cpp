#include "nn/frozen_dense.h"

#include <cstddef>
#include <utility>

#include "base/parallel.h"

namespace inoculate {

FrozenDense::FrozenDense(const Dense& layer, const float* kernel, const float* bias,
                         Activation after, int input_positions)
    : dense(layer),
      activation(std::move(after)),
      positions(input_positions),
      kernel_(kernel),
      bias_(bias) {}

void FrozenDense::turn() {
  turned_.resize(static_cast<std::size_t>(positions));
  parallel_for(positions, [&](int p) {
    turned_[static_cast<std::size_t>(p)] =
        PackedMatrix::transposed(kernel_at(p), dense.out, dense.out, features());
  });
}

void FrozenDense::forward(float* out, LaneBits* live, const float* in, int n) const {
  dense_forward(out, in, kernel_, bias_, dense, n);
  activate(out, live, n);
}

void FrozenDense::forward(float* out, LaneBits* live, const float* in,
                          const SharedRows& rows) const {
  dense_forward(out, in, kernel_, bias_, dense, rows);
  activate(out, live, rows.images());
}

void FrozenDense::activate(float* out, LaneBits* live, int n) const {
  activation.forward(rows_from(out, n, dense.out).data(),
                     rows_from(live, n, activation.live_size()).data(), n);
}

void FrozenDense::backward_activation(float* d_out, const LaneBits* live, int n) const {
  activation.backward(rows_from(d_out, n, dense.out).data(),
                      rows_from(live, n, activation.live_size()).data(), n);
}

void FrozenDense::backward(float* const* d_in, int position, const float* d_out, int n) const {
  const auto gradients = rows_from(d_out, n, dense.out);
  // One row is a stream through the kernel, and takes wider tiles than a packed one has.
  if (turned_.empty() || n == 1) {
    multiply_rows_by_transposed(d_in, gradients.data(), kernel_at(position), dense.out, n,
                                features(), dense.out);
  } else {
    multiply_rows(d_in, gradients.data(), turned_[static_cast<std::size_t>(position)], n,
                  {1, dense.out});
  }
}

}  // namespace inoculate
