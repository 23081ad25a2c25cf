#include "nn/dense.h"

#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "nn/gemm.h"
#include "nn/shared_rows.h"

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
void for_each_block(const Dense& dense, int n, F&& body) {
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

// Features that a product over the batch goes through at once, where it can.
constexpr int kDepth = 128;

// How many positions from `p` on, `most` at the most, the images first ... first + count - 1 have
// rows of their own for, one behind the other in memory; at least 1.
int positions_in_a_row(const SharedRows& rows, int first, int count, int p, int most) {
  const int positions = rows.positions();
  const auto row_of = [&](int i, int position) {
    return rows.row_of[static_cast<std::size_t>((first + i) * positions + position)];
  };
  int span = 1;
  for (; span < most && p + span < positions; ++span) {
    for (int i = 0; i < count; ++i) {
      if (row_of(i, p) < rows.shared || row_of(i, p + span) != row_of(i, p) + span) return span;
    }
  }
  return span;
}

// The different rows that a batch has at one position of the input, and their gradients. For a row
// that images share, d_out is the sum over those.
struct DifferentRows {
  std::vector<const float*> in;
  std::vector<float*> d_in;
  std::vector<const float*> d_out;

  void clear() {
    in.clear();
    d_in.clear();
    d_out.clear();
  }
};

}  // namespace

void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, int n) {
  for_each_block(dense, n, [&](int row, int height, int column, int columns) {
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
    thread_local std::vector<const float*> rows, d_outputs;
    row_pointers(d_outputs, d_out, dense.out, n);
    if (d_kernel != nullptr) {
      float* d_block = d_kernel + static_cast<std::ptrdiff_t>(begin) * dense.out;
      row_pointers(rows, in + begin, dense.in, n);
      multiply_transposed(d_block, dense.out, rows.data(), d_outputs.data(), n, {1, features},
                          dense.out);
    }
    if (d_in != nullptr) {
      thread_local std::vector<float*> d_inputs;
      row_pointers(d_inputs, d_in + begin, dense.in, n);
      multiply_rows_by_transposed(d_inputs.data(), d_outputs.data(), block_kernel, dense.out, n,
                                  features, dense.out);
    }
  });
  if (d_bias != nullptr) sum_rows(d_bias, d_out, n, dense.out);
}

void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, const SharedRows& rows) {
  const int n = rows.images(), positions = rows.positions(), c = dense.in / positions;
  for_each_block(dense, n, [&](int first, int height, int column, int columns) {
    thread_local std::vector<const float*> inputs;
    thread_local std::vector<float*> outputs;
    thread_local FloatBuffer products;  // of the shared rows
    const auto output = [&](int i) {
      return out + static_cast<std::ptrdiff_t>(first + i) * dense.out + column;
    };
    for (int i = 0; i < height; ++i) std::copy_n(bias + column, columns, output(i));
    // An image's sum goes on from position to position, whatever other images do.
    for (int p = 0, span = 1; p < positions; p += span) {
      const int* row_of = rows.row_of.data() + first * positions + p;
      span = positions_in_a_row(rows, first, height, p, kDepth / c);
      float* product_rows = room_for(products, static_cast<std::size_t>(rows.shared * columns));
      inputs.clear();
      outputs.clear();
      thread_local std::vector<char> is_here;
      is_here.assign(static_cast<std::size_t>(rows.shared), false);
      const auto multiply = [&](int row, float* to) {
        inputs.push_back(in + static_cast<std::ptrdiff_t>(row) * c);
        outputs.push_back(to);
      };
      bool any_shared = false;
      for (int i = 0; i < height; ++i) {
        const int row = row_of[i * positions];
        if (row >= rows.shared) {
          multiply(row, output(i));
          continue;
        }
        any_shared = true;
        if (is_here[static_cast<std::size_t>(row)]) continue;
        is_here[static_cast<std::size_t>(row)] = true;
        std::fill_n(product_rows + row * columns, columns, 0.0F);
        multiply(row, product_rows + row * columns);
      }
      multiply_rows_resume(outputs.data(), inputs.data(),
                           kernel + static_cast<std::ptrdiff_t>(p) * c * dense.out + column,
                           dense.out, static_cast<int>(inputs.size()), columns, span * c);
      if (!any_shared) continue;
      for (int i = 0; i < height; ++i) {
        const int row = row_of[i * positions];
        if (row >= rows.shared) continue;
        float* to = output(i);
        const float* product = product_rows + row * columns;
        for (int f = 0; f < columns; ++f) to[f] += product[f];
      }
    }
  });
}

void dense_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                    const float* in, const float* kernel, const Dense& dense,
                    const SharedRows& rows) {
  const int n = rows.images(), positions = rows.positions(), c = dense.in / positions;
  const int shared_size = rows.shared * c;
  thread_local FloatBuffer caller_buffer;
  float* d_shared = room_for(caller_buffer, static_cast<std::size_t>(positions * shared_size));
  parallel_for(positions, [&](int p) {
    thread_local DifferentRows at;
    thread_local FloatBuffer sums;           // of d_out, a shared row
    thread_local std::vector<char> is_here;  // whether an image has the shared row
    at.clear();
    sums.assign(static_cast<std::size_t>(rows.shared * dense.out), 0.0F);
    is_here.assign(static_cast<std::size_t>(rows.shared), false);
    float* d_shared_here = d_shared + p * shared_size;
    std::fill_n(d_shared_here, shared_size, 0.0F);
    for (int i = 0; i < n; ++i) {
      const int row = rows.row_of[static_cast<std::size_t>(i * positions + p)];
      const float* d = d_out + static_cast<std::ptrdiff_t>(i) * dense.out;
      if (row >= rows.shared) {
        at.in.push_back(in + static_cast<std::ptrdiff_t>(row) * c);
        at.d_in.push_back(d_in + static_cast<std::ptrdiff_t>(row) * c);
        at.d_out.push_back(d);
      } else {
        is_here[static_cast<std::size_t>(row)] = true;
        float* sum = sums.data() + row * dense.out;
        for (int f = 0; f < dense.out; ++f) sum[f] += d[f];
      }
    }
    for (int row = 0; row < rows.shared; ++row) {
      if (!is_here[static_cast<std::size_t>(row)]) continue;
      at.in.push_back(in + row * c);
      at.d_in.push_back(d_shared_here + row * c);
      at.d_out.push_back(sums.data() + row * dense.out);
    }
    const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(p) * c * dense.out;
    const int count = static_cast<int>(at.in.size());
    multiply_transposed(d_kernel + offset, dense.out, at.in.data(), at.d_out.data(), count, {1, c},
                        dense.out);
    multiply_rows_by_transposed(at.d_in.data(), at.d_out.data(), kernel + offset, dense.out, count,
                                c, dense.out);
  });
  std::fill_n(d_in, shared_size, 0.0F);
  for (int p = 0; p < positions; ++p) {
    for (int i = 0; i < shared_size; ++i) d_in[i] += d_shared[p * shared_size + i];
  }
  sum_rows(d_bias, d_out, n, dense.out);
}

}  // namespace inoculate
