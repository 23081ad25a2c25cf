#include "nn/folded_norm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/simd.h"
#include "nn/batch_norm.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

// The rows are taken as differences from the first one: their own squares would cancel too much.
void add_moments(double* moments, const float* rows, int m, int c) {
  if (m == 0) return;
  for_each_vector(c, [&](int f, auto vector) {
    using V = decltype(vector);
    constexpr auto kCount = sizeof(V) / sizeof(float);
    V pivot = load(rows + f, vector);
    rectify_lanes(pivot);
    V sum{}, squares{};
    for (int i = 1; i < m; ++i) {
      V value = load(rows + i * c + f, vector);
      rectify_lanes(value);
      const V difference = value - pivot;
      sum += difference;
      squares += difference * difference;
    }
    float of_pivot[kCount], of_sum[kCount], of_squares[kCount];
    store(of_pivot, pivot);
    store(of_sum, sum);
    store(of_squares, squares);
    for (std::size_t lane = 0; lane < kCount; ++lane) {
      const auto p = static_cast<double>(of_pivot[lane]), d = static_cast<double>(of_sum[lane]);
      moments[index(f) + lane] += m * p + d;
      moments[index(c + f) + lane] += static_cast<double>(of_squares[lane]) + p * (2 * d + m * p);
    }
  });
}

void FoldedNorm::fold(const BatchNormLayer* norm, const float* parameters, float* statistics,
                      const double* moments, double total, int c) {
  scale.assign(index(c), 1.0F);
  shift.assign(index(c), 0.0F);
  if (norm == nullptr) return;
  mean_.resize(index(c));
  inverse_.resize(index(c));
  const float* gamma = parameters + norm->gamma;
  const float* beta = parameters + norm->beta;
  float* moving_mean = statistics + norm->moving_mean;
  float* moving_variance = statistics + norm->moving_variance;
  for (int f = 0; f < c; ++f) {
    const double exact_mean = moments[f] / total;
    const auto mean = static_cast<float>(exact_mean);
    const auto variance =
        static_cast<float>(std::max(0.0, moments[c + f] / total - exact_mean * exact_mean));
    moving_mean[f] = moving_mean[f] * kBatchNormMomentum + mean * (1 - kBatchNormMomentum);
    moving_variance[f] =
        moving_variance[f] * kBatchNormMomentum + variance * (1 - kBatchNormMomentum);
    mean_[index(f)] = mean;
    inverse_[index(f)] = 1.0F / std::sqrt(variance + kBatchNormEpsilon);
    scale[index(f)] = gamma[f] * inverse_[index(f)];
    shift[index(f)] = beta[f] - mean * scale[index(f)];
  }
}

void FoldedNorm::turn_back(const BatchNormLayer* norm, float* d_parameters, const double* sums,
                           double total, int c) {
  a.assign(index(c), 1.0F);
  b.assign(index(c), 0.0F);
  e.assign(index(c), 0.0F);
  if (norm == nullptr) return;
  for (int f = 0; f < c; ++f) {
    const auto mean = static_cast<double>(mean_[index(f)]);
    const auto inverse = static_cast<double>(inverse_[index(f)]);
    const auto of_d = static_cast<double>(scale[index(f)]);
    const double d_gamma = (sums[c + f] - mean * sums[f]) * inverse;
    const double of_in = -of_d * inverse * d_gamma / total;
    d_parameters[norm->gamma + index(f)] = static_cast<float>(d_gamma);
    d_parameters[norm->beta + index(f)] = static_cast<float>(sums[f]);
    a[index(f)] = static_cast<float>(of_d);
    b[index(f)] = static_cast<float>(of_in);
    e[index(f)] = static_cast<float>(-of_d * sums[f] / total - of_in * mean);
  }
}

}  // namespace inoculate
