#include "nn/fast/sparse_dense.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "base/shapes.h"
#include "base/simd.h"
#include "nn/fast/sparse_products.h"

namespace inoculate {

SparseDense::SparseDense(const Dense& layer, const float* kernel, const float* bias,
                         Activation after, const FrozenConv& before)
    : dense(layer),
      activation(std::move(after)),
      shape_(before.conv.out),
      kernel_(kernel),
      constant_(bias, bias + layer.out),
      ground_(index(shape_.h * shape_.w * layer.out), 0.0F) {
  std::vector<std::uint16_t> columns;
  for (int c = 0; c < shape_.c; ++c) columns.push_back(static_cast<std::uint16_t>(c));
  const SparseRow shift{before.activation.shift().data(), columns.data(), shape_.c};
  FloatBuffer shifts(ground_.size(), 0.0F);
  parallel_for(shape_.h * shape_.w, [&](int position) {
    const int y = position / shape_.w, x = position % shape_.w, at = position * dense.out;
    add_sparse_row(shifts.data() + at, shift, 0, kernel_at(position), dense.out);
    add_sparse_row(ground_.data() + at, before.ground.outputs.row(0, y, x, x + 1), x * shape_.c,
                   kernel_at(position), dense.out);
  });
  for (int i = 0; i < shape_.h * shape_.w * dense.out; i += dense.out) {
    for (int k = 0; k < dense.out; ++k) constant_[index(k)] += shifts[index(i + k)];
  }
}

void SparseDense::forward(float* out, LaneBits* live, const SparseMap& features,
                          const RowBits* seen, int n) const {
  const int f = dense.out;
  for (int i = 0; i < n; ++i) copy_floats(out + i * f, constant_.data(), f);
  for (int position = 0; position < shape_.h * shape_.w; ++position) {
    const int y = position / shape_.w, x = position % shape_.w;
    const float* ground = ground_.data() + position * f;
    for_each_tile(f, [&](int column, auto tile) {
      const float* kernel = kernel_at(position) + column;
      for (int i = 0; i < n; ++i) {
        if (!has_bit(seen[i * shape_.h + y], x)) continue;
        add_sparse_row(tile, out + i * f + column, features.row(i, y, x, x + 1), x * shape_.c,
                       kernel, f);
      }
    });
    for (int i = 0; i < n; ++i) {
      if (has_bit(seen[i * shape_.h + y], x)) continue;
      for_each_vector(f, [&](int k, auto vector) {
        float* at = out + i * f + k;
        store(at, load(at, vector) + load(ground + k, vector));
      });
    }
  }
  activation.forward(out, live, n);
}

void SparseDense::backward(SparseMap& features, float* d_out, const LaneBits* live, int n) const {
  activation.backward(d_out, live, n);
  for (int position = 0; position < shape_.h * shape_.w; ++position) {
    const int y = position / shape_.w, x = position % shape_.w;
    for (int i = 0; i < n; ++i) {
      const SparseRow row = features.row(i, y, x, x + 1);
      multiply_sampled(features.values(i, y, x), row.columns, row.count, x * shape_.c,
                       d_out + i * dense.out, kernel_at(position), dense.out);
    }
  }
}

}  // namespace inoculate
