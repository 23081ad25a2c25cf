#include "nn/ops/column_sums.h"

#include "base/simd.h"

namespace inoculate {
namespace {

struct Columns {
  const float *d, *x, *mean;
  std::size_t columns;
};

void add_rows(double* sums, const Columns& m, std::size_t begin, std::size_t count) {
  for_each_vector(static_cast<int>(m.columns), [&](int at, auto zero) {
    using V = decltype(zero);
    const auto c = static_cast<std::size_t>(at);
    V of_d{}, of_products{};
    const V mean = m.mean == nullptr ? V{} : load(m.mean + c, V{});
    for (std::size_t row = begin; row < begin + count; ++row) {
      const V d = load(m.d + row * m.columns + c, V{});
      of_d += d;
      if (m.x != nullptr) of_products += d * (load(m.x + row * m.columns + c, V{}) - mean);
    }
    constexpr std::size_t kCount = sizeof(V) / sizeof(float);
    float lanes[2 * kCount];
    store(lanes, of_d);
    store(lanes + kCount, of_products);
    for (std::size_t i = 0; i < kCount; ++i) {
      sums[c + i] += static_cast<double>(lanes[i]);
      sums[m.columns + c + i] += static_cast<double>(lanes[kCount + i]);
    }
  });
}

}  // namespace

ColumnSums column_sums(const float* d, const float* x, const float* mean, std::size_t rows,
                       int columns) {
  const Columns m{d, x, mean, static_cast<std::size_t>(columns)};
  const std::vector<double> sums = sum_over_rows(
      rows, m.columns,
      [&](double* to, std::size_t begin, std::size_t count) { add_rows(to, m, begin, count); });
  const auto middle = sums.begin() + columns;
  ColumnSums result{{sums.begin(), middle}, {}};
  if (x != nullptr) result.of_products.assign(middle, sums.end());
  return result;
}

void add_sums(float* d_weight, const std::vector<double>& sums) {
  if (d_weight == nullptr) return;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    d_weight[i] = static_cast<float>(static_cast<double>(d_weight[i]) + sums[i]);
  }
}

void add_bias_gradient(const Pass& p, std::size_t number) {
  if (number >= p.d_weights.size() || p.d_weights[number] == nullptr) return;
  const int columns = p.node.shape.back();
  const std::size_t rows = p.n * p.out_size() / static_cast<std::size_t>(columns);
  add_sums(p.d_weights[number], column_sums(p.d_out, nullptr, nullptr, rows, columns).of_d);
}

}  // namespace inoculate
