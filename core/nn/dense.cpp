#include "nn/dense.h"

#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

// The result is cut into blocks, each computed by one task; every sum lies within one task, so
// nothing need be added up afterwards, and the cut changes no number. A block is made of whole rows
// as long as there are enough for all threads.
constexpr int kFewestRows = 32;
constexpr int kMostRows = 64;
constexpr int kLeastColumns = 32;  // and a multiple of it: whole vectors

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

// Calls body(first row, rows, first column, columns) for every block of the result, in parallel.
template <class F>
void for_each_result_block(const Dense& dense, int n, F&& body) {
  const int threads = free_threads();
  const int rows = std::clamp((n + threads - 1) / threads, kFewestRows, kMostRows);
  const int down = (n + rows - 1) / rows;
  // One row is a stream through the kernel, and is taken whole.
  const int wanted = n == 1 ? 1 : (threads + down - 1) / down;
  const int share = (dense.out + wanted - 1) / wanted;
  const int columns = (share + kLeastColumns - 1) / kLeastColumns * kLeastColumns;
  const int across = (dense.out + columns - 1) / columns;
  parallel_for(across * down, [&](int block) {
    const int row = block / across * rows;
    const int column = block % across * columns;
    body(row, std::min(n - row, rows), column, std::min(dense.out - column, columns));
  });
}

// d_bias [F] = the sum of the rows of d_out [N, F].
void sum_rows(float* d_bias, const float* d_out, int n, int f) {
  std::fill_n(d_bias, f, 0.0F);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < f; ++k) d_bias[k] += d_out[i * f + k];
  }
}

}  // namespace

void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, int n) {
  for_each_result_block(dense, n, [&](int row, int height, int column, int columns) {
    thread_local std::vector<const float*> inputs;
    thread_local std::vector<float*> outputs;
    row_pointers<const float*>(inputs, in + static_cast<std::ptrdiff_t>(row) * dense.in, dense.in,
                               height);
    row_pointers(outputs, out + static_cast<std::ptrdiff_t>(row) * dense.out + column, dense.out,
                 height);
    multiply_rows(outputs.data(), inputs.data(), kernel + column, dense.out, bias + column, height,
                  columns, {1, dense.in});
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
      multiply_transposed(d_block, dense.out, rows.data(), d_out, dense.out, n, {1, features},
                          dense.out);
    }
    if (d_in != nullptr) {
      thread_local std::vector<float*> d_inputs;
      row_pointers(rows, d_out, dense.out, n);
      row_pointers(d_inputs, d_in + begin, dense.in, n);
      multiply_rows_by_transposed(d_inputs.data(), rows.data(), block_kernel, dense.out, n,
                                  features, dense.out);
    }
  });
  if (d_bias != nullptr) sum_rows(d_bias, d_out, n, dense.out);
}

}  // namespace inoculate
