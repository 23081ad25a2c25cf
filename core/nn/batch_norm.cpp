#include "nn/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "base/shapes.h"
#include "base/simd.h"
#include "nn/add_parts.h"

namespace inoculate {
namespace {

// Rows are split in parts of no less than this many floats; fewer are not worth a second thread.
constexpr int kFloatsAPart = 1 << 14;

int row_parts(int m, int c) {
  const long long parts = static_cast<long long>(m) * c / kFloatsAPart;
  return parts < 1 ? 1 : parts > 16 ? 16 : static_cast<int>(parts);
}

// Calls body(part, first row, end row) for every part, in parallel.
template <class F>
void for_each_row_part(int m, int c, F&& body) {
  const int parts = row_parts(m, c);
  parallel_for(parts, [&](int part) {
    body(part, part_begin(m, parts, part), part_begin(m, parts, part + 1));
  });
}

// Calls body(first row, end row) for the rows [begin, end), some at a time: few enough to stay in
// the first cache while one vector of channels after the other goes through them.
template <class F>
void for_each_few_rows(int begin, int end, int c, F&& body) {
  constexpr int kFloatsABlock = 1 << 11;
  const int rows = std::max(1, kFloatsABlock / c);
  for (; begin < end; begin += rows) body(begin, std::min(end, begin + rows));
}

// out = in * scale + shift.
void scale_and_shift(float* out, const float* in, const float* scale, const float* shift, int m,
                     int c) {
  for_each_row_part(m, c, [&](int, int first, int end_of_part) {
    for_each_few_rows(first, end_of_part, c, [&](int begin, int end) {
      for_each_vector(c, [&](int f, auto vector) {
        using V = decltype(vector);
        const V a = load(scale + f, vector), b = load(shift + f, vector);
        for (int i = begin; i < end; ++i) {
          store(out + i * c + f, load(in + i * c + f, vector) * a + b);
        }
      });
    });
  });
}

float inverse_deviation(float variance) { return 1.0F / std::sqrt(variance + kBatchNormEpsilon); }

// From the moments [2, C] of `total` rows: sets saved [2, C], and scale and shift [C] with it;
// moves the moving statistics.
void use_moments(float* saved, float* scale, float* shift, float* moving_mean,
                 float* moving_variance, const double* moments, double total, const float* gamma,
                 const float* beta, int c) {
  for (int f = 0; f < c; ++f) {
    const double exact = moments[f] / total;
    const auto mean = static_cast<float>(exact);
    const auto variance = static_cast<float>(std::max(0.0, moments[c + f] / total - exact * exact));
    moving_mean[f] = moving_mean[f] * kBatchNormMomentum + mean * (1 - kBatchNormMomentum);
    moving_variance[f] =
        moving_variance[f] * kBatchNormMomentum + variance * (1 - kBatchNormMomentum);
    saved[f] = mean;
    saved[c + f] = inverse_deviation(variance);
    scale[f] = gamma[f] * saved[c + f];
    shift[f] = beta[f] - mean * scale[f];
  }
}

// With x = (in - mean) * inverse:
//   d_in = gamma * inverse * (d_out - d_beta / M - x * d_gamma / M) = a * d_out + (b * in + e)
// sums [2, C]: of d_out, and of d_out * in.
void use_sums(float* a, float* b, float* e, float* d_gamma, float* d_beta, const double* sums,
              double total, const float* saved, const float* gamma, int c) {
  for (int f = 0; f < c; ++f) {
    const auto mean = static_cast<double>(saved[f]), inverse = static_cast<double>(saved[c + f]);
    const double of_gamma = (sums[c + f] - mean * sums[f]) * inverse;
    const double of_d = static_cast<double>(gamma[f]) * inverse;
    const double of_in = -of_d * inverse * of_gamma / total;
    d_gamma[f] = static_cast<float>(of_gamma);
    d_beta[f] = static_cast<float>(sums[f]);
    a[f] = static_cast<float>(of_d);
    b[f] = static_cast<float>(of_in);
    e[f] = static_cast<float>(-of_d * sums[f] / total - of_in * mean);
  }
}

// Adds to sums [2, C] those of d [m, C] and of d * in, which are few enough for single precision.
void add_centred_sums(double* sums, const float* d, const float* in, const float* mean, int m,
                      int c) {
  for_each_vector(c, [&](int f, auto vector) {
    using V = decltype(vector);
    constexpr int kCount = sizeof(V) / sizeof(float);
    const V centre = load(mean + f, vector);
    V sum{}, centred{};
    for (int i = 0; i < m; ++i) {
      const V value = load(d + i * c + f, vector);
      sum += value;
      centred += value * (load(in + i * c + f, vector) - centre);
    }
    float of_d[kCount], of_centred[kCount];
    store(of_d, sum);
    store(of_centred, centred);
    for (int lane = 0; lane < kCount; ++lane) {
      const auto exact = static_cast<double>(of_d[lane]);
      sums[f + lane] += exact;
      sums[c + f + lane] +=
          static_cast<double>(of_centred[lane]) + static_cast<double>(mean[f + lane]) * exact;
    }
  });
}

// Sets sums [2, C] to what add(sums, first row, rows) adds to them for blocks of m rows.
template <class F>
void sum_blocks(std::vector<double>& sums, int m, int c, F&& add) {
  const int parts = row_parts(m, c);
  sums.assign(static_cast<std::size_t>(2 * parts * c), 0.0);
  for_each_row_part(m, c, [&](int part, int first, int end_of_part) {
    for_each_few_rows(first, end_of_part, c, [&](int begin, int end) {
      add(sums.data() + 2 * part * c, begin, end - begin);
    });
  });
  add_parts(sums.data(), parts, 2 * c);
}

}  // namespace

void batch_norm_forward_training(float* out, float* saved, float* moving_mean,
                                 float* moving_variance, const float* in, const float* gamma,
                                 const float* beta, int m, int c) {
  thread_local std::vector<double> moments;
  thread_local FloatBuffer buffer;
  float* scale = room_for(buffer, static_cast<std::size_t>(2 * c));
  sum_blocks(moments, m, c, [&](double* sums, int first, int rows) {
    add_moments(sums, in + first * c, rows, c, false);
  });
  use_moments(saved, scale, scale + c, moving_mean, moving_variance, moments.data(), m, gamma, beta,
              c);
  scale_and_shift(out, in, scale, scale + c, m, c);
}

void batch_norm_scale_and_shift(float* scale, float* shift, const float* gamma, const float* beta,
                                const float* moving_mean, const float* moving_variance, int c) {
  for (int f = 0; f < c; ++f) {
    scale[f] = gamma[f] * inverse_deviation(moving_variance[f]);
    shift[f] = beta[f] - moving_mean[f] * scale[f];
  }
}

void batch_norm_backward_training(float* d_in, float* d_gamma, float* d_beta, const float* d_out,
                                  const float* in, const float* saved, const float* gamma, int m,
                                  int c) {
  thread_local std::vector<double> of_rows;
  thread_local FloatBuffer buffer;
  sum_blocks(of_rows, m, c, [&](double* sums, int first, int rows) {
    add_centred_sums(sums, d_out + first * c, in + first * c, saved, rows, c);
  });
  float* a = room_for(buffer, static_cast<std::size_t>(3 * c));
  float *b = a + c, *e = b + c;
  use_sums(a, b, e, d_gamma, d_beta, of_rows.data(), m, saved, gamma, c);
  for_each_row_part(m, c, [&](int, int first, int end_of_part) {
    for_each_few_rows(first, end_of_part, c, [&](int begin, int end) {
      for_each_vector(c, [&](int f, auto vector) {
        using V = decltype(vector);
        const V af = load(a + f, vector), bf = load(b + f, vector), ef = load(e + f, vector);
        for (int i = begin; i < end; ++i) {
          const V d = load(d_out + i * c + f, vector), x = load(in + i * c + f, vector);
          store(d_in + i * c + f, af * d + (bf * x + ef));
        }
      });
    });
  });
}

// The rows are taken as differences from the first one: their own squares would cancel too much.
void add_moments(double* moments, const float* rows, int m, int c, bool rectify) {
  if (m == 0) return;
  for_each_vector(c, [&](int f, auto vector) {
    using V = decltype(vector);
    constexpr auto kCount = sizeof(V) / sizeof(float);
    V pivot = load(rows + f, vector);
    if (rectify) rectify_lanes(pivot);
    V sum{}, squares{};
    for (int i = 1; i < m; ++i) {
      V value = load(rows + i * c + f, vector);
      if (rectify) rectify_lanes(value);
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
  saved_.resize(index(2 * c));
  if (norm == nullptr) return;
  use_moments(saved_.data(), scale.data(), shift.data(), statistics + norm->moving_mean,
              statistics + norm->moving_variance, moments, total, parameters + norm->gamma,
              parameters + norm->beta, c);
}

void FoldedNorm::unfold(const BatchNormLayer* norm, const float* parameters, float* d_parameters,
                        const double* sums, double total, int c) {
  a.assign(index(c), 1.0F);
  b.assign(index(c), 0.0F);
  e.assign(index(c), 0.0F);
  if (norm == nullptr) return;
  use_sums(a.data(), b.data(), e.data(), d_parameters + norm->gamma, d_parameters + norm->beta,
           sums, total, saved_.data(), parameters + norm->gamma, c);
}

}  // namespace inoculate
