#include "nn/dense.h"

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

// The result is cut into blocks, each computed by one task; every sum lies within one task, so
// nothing need be added up afterwards.
constexpr int kBlockRows = 64;
constexpr int kBlockColumns = 32;

// Width of a block of input features in the backward pass: about a sixteenth, in whole vectors.
int feature_block(int features) {
  const int width = (features + 15) / 16;
  return (width + 31) / 32 * 32;
}

template <class Pointer>
void row_pointers(std::vector<Pointer>& rows, Pointer first, std::ptrdiff_t stride, int count) {
  rows.clear();
  for (int i = 0; i < count; ++i) rows.push_back(first + i * stride);
}

}  // namespace

void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, int n) {
  // One row is a stream through the kernel, and is taken whole.
  const int columns = n == 1 ? dense.out : kBlockColumns;
  const int across = (dense.out + columns - 1) / columns;
  const int down = (n + kBlockRows - 1) / kBlockRows;
  parallel_for(across * down, [&](int block) {
    const int row = block / across * kBlockRows;
    const int column = block % across * columns;
    const int height = std::min(n - row, kBlockRows);
    thread_local std::vector<const float*> inputs;
    thread_local std::vector<float*> outputs;
    row_pointers<const float*>(inputs, in + static_cast<std::ptrdiff_t>(row) * dense.in, dense.in,
                               height);
    row_pointers(outputs, out + static_cast<std::ptrdiff_t>(row) * dense.out + column, dense.out,
                 height);
    multiply_rows(outputs.data(), inputs.data(), kernel + column, dense.out, bias + column, height,
                  std::min(dense.out - column, columns), {1, dense.in, 0});
  });
}

void dense_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                    const float* in, const float* kernel, const Dense& dense, int n) {
  const int width = feature_block(dense.in);
  parallel_for((dense.in + width - 1) / width, [&](int block) {
    const int begin = block * width;
    const int features = std::min(dense.in - begin, width);
    const float* block_kernel = kernel + static_cast<std::ptrdiff_t>(begin) * dense.out;
    thread_local std::vector<const float*> rows;
    if (d_kernel != nullptr) {
      float* d_block = d_kernel + static_cast<std::ptrdiff_t>(begin) * dense.out;
      row_pointers(rows, in + begin, dense.in, n);
      multiply_transposed(d_block, dense.out, rows.data(), d_out, dense.out, n, {1, features, 0},
                          dense.out);
    }
    if (d_in != nullptr) {
      thread_local std::vector<float*> d_inputs;
      row_pointers<const float*>(rows, d_out, dense.out, n);
      row_pointers(d_inputs, d_in + begin, dense.in, n);
      multiply_rows_by_transposed(d_inputs.data(), rows.data(), block_kernel, dense.out, n,
                                  features, dense.out);
    }
  });
  if (d_bias != nullptr) {
    std::fill_n(d_bias, dense.out, 0.0F);
    for (int i = 0; i < n; ++i) {
      for (int f = 0; f < dense.out; ++f) d_bias[f] += d_out[i * dense.out + f];
    }
  }
}

}  // namespace inoculate
