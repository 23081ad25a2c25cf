// A dense layer of a frozen network, with the activation that follows it.
#pragma once

#include <vector>

#include "nn/activation.h"
#include "nn/dense.h"
#include "nn/packed_matrix.h"
#include "nn/shared_rows.h"

namespace inoculate {

class FrozenDense {
 public:
  /// kernel: [D, F], read where it lies. positions: of the input, each D / positions features.
  FrozenDense(const Dense& dense, const float* kernel, const float* bias, Activation activation,
              int positions);

  /// Lays the kernel out for gradients of many images. Else it is turned as it is read.
  void turn();

  /// out [N, F] from in [N, D]; sets live [N, live_size()], as Activation does.
  void forward(float* out, LaneBits* live, const float* in, int n) const;
  /// The same for an input that lies in `rows`.
  void forward(float* out, LaneBits* live, const float* in, const SharedRows& rows) const;

  /// d_out [N, F] = the gradient before the activation, in place.
  void backward_activation(float* d_out, const LaneBits* live, int n) const;
  /// d_in, N rows wherever they lie: the gradient at one position of the input from d_out [N, F],
  /// that before the activation.
  void backward(float* const* d_in, int position, const float* d_out, int n) const;

  Dense dense;
  Activation activation;
  int positions;

 private:
  int features() const { return dense.in / positions; }  // of a position
  const float* kernel_at(int position) const {
    return kernel_ + static_cast<std::ptrdiff_t>(position) * features() * dense.out;
  }
  void activate(float* out, LaneBits* live, int n) const;

  const float* kernel_;
  const float* bias_;
  std::vector<PackedMatrix> turned_;  // [positions], each [F, features]; or empty
};

/// Pointers to `count` rows, `stride` apart.
template <class T>
std::vector<T*> rows_from(T* first, int count, int stride) {
  std::vector<T*> rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) rows.push_back(first + static_cast<std::ptrdiff_t>(i) * stride);
  return rows;
}

}  // namespace inoculate
