#include "nn/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/buffer.h"
#include "base/parallel.h"
#include "base/simd.h"

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
void for_each_part(int m, int c, F&& body) {
  const int parts = row_parts(m, c);
  parallel_for(parts, [&](int part) {
    body(part, part_begin(m, parts, part), part_begin(m, parts, part + 1));
  });
}

// Calls body(first row, end row) for the rows [begin, end), some at a time: few enough to stay in
// the first cache while one vector of channels after the other goes through them.
template <class F>
void for_each_block(int begin, int end, int c, F&& body) {
  constexpr int kFloatsABlock = 1 << 11;
  const int rows = std::max(1, kFloatsABlock / c);
  for (; begin < end; begin += rows) body(begin, std::min(end, begin + rows));
}

// out = in * scale + shift.
void scale_and_shift(float* out, const float* in, const float* scale, const float* shift, int m,
                     int c) {
  for_each_part(m, c, [&](int, int first, int end_of_part) {
    for_each_block(first, end_of_part, c, [&](int begin, int end) {
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

// Sums over the rows [begin, end) of the differences from row `begin`, and of their squares. Next
// to sums of the values themselves these cancel little.
void shifted_sums(float* sums, float* squares, const float* in, int begin, int end, int c) {
  std::fill_n(sums, c, 0.0F);
  std::fill_n(squares, c, 0.0F);
  const float* pivots = in + begin * c;
  for_each_block(begin, end, c, [&](int block_begin, int block_end) {
    for_each_vector(c, [&](int f, auto vector) {
      using V = decltype(vector);
      const V pivot = load(pivots + f, vector);
      V sum = load(sums + f, vector), square = load(squares + f, vector);
      for (int i = block_begin; i < block_end; ++i) {
        const V difference = load(in + i * c + f, vector) - pivot;
        sum += difference;
        square += difference * difference;
      }
      store(sums + f, sum);
      store(squares + f, square);
    });
  });
}

}  // namespace

void batch_norm_forward_training(float* out, float* saved, float* moving_mean,
                                 float* moving_variance, const float* in, const float* gamma,
                                 const float* beta, int m, int c) {
  const int parts = row_parts(m, c);
  thread_local FloatBuffer buffer;
  buffer.resize(static_cast<std::size_t>(2 * (parts + 1) * c));
  float* part_sums = buffer.data();
  float* scale = part_sums + 2 * parts * c;
  float* shift = scale + c;
  for_each_part(m, c, [&](int part, int begin, int end) {
    float* sums = part_sums + 2 * part * c;
    shifted_sums(sums, sums + c, in, begin, end, c);
  });
  for (int f = 0; f < c; ++f) {
    // Means and squared differences of the parts, merged as Chan, Golub & LeVeque do.
    double total = 0, mean = 0, squares = 0;
    for (int part = 0; part < parts; ++part) {
      const int begin = part_begin(m, parts, part);
      const double rows = part_begin(m, parts, part + 1) - begin;
      const double sum = part_sums[2 * part * c + f];
      const double difference = in[begin * c + f] + sum / rows - mean;
      squares += part_sums[(2 * part + 1) * c + f] - sum * sum / rows +
                 difference * difference * total * rows / (total + rows);
      total += rows;
      mean += difference * rows / total;
    }
    const auto batch_mean = static_cast<float>(mean);
    const auto variance = static_cast<float>(squares / total);
    moving_mean[f] = moving_mean[f] * kBatchNormMomentum + batch_mean * (1 - kBatchNormMomentum);
    moving_variance[f] =
        moving_variance[f] * kBatchNormMomentum + variance * (1 - kBatchNormMomentum);
    saved[f] = batch_mean;
    saved[c + f] = inverse_deviation(variance);
    scale[f] = gamma[f] * saved[c + f];
    shift[f] = beta[f] - batch_mean * scale[f];
  }
  scale_and_shift(out, in, scale, shift, m, c);
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
  const auto total = static_cast<float>(m);
  const float* mean = saved;
  const float* inverse = saved + c;
  const int parts = row_parts(m, c);
  thread_local FloatBuffer buffer;
  buffer.resize(static_cast<std::size_t>((2 * parts + 3) * c));
  float* part_sums = buffer.data();  // a part: sums of d_out, then of d_out * (in - mean)
  for_each_part(m, c, [&](int part, int begin, int end) {
    float* sums = part_sums + 2 * part * c;
    std::fill_n(sums, 2 * c, 0.0F);
    for_each_block(begin, end, c, [&](int block_begin, int block_end) {
      for_each_vector(c, [&](int f, auto vector) {
        using V = decltype(vector);
        const V centre = load(mean + f, vector);
        V sum = load(sums + f, vector), sum_centred = load(sums + c + f, vector);
        for (int i = block_begin; i < block_end; ++i) {
          const V d = load(d_out + i * c + f, vector);
          sum += d;
          sum_centred += d * (load(in + i * c + f, vector) - centre);
        }
        store(sums + f, sum);
        store(sums + c + f, sum_centred);
      });
    });
  });
  // With x = (in - mean) * inverse:
  //   d_in = gamma * inverse * (d_out - d_beta / M - x * d_gamma / M) = a * d_out + (b * in + e)
  float* a = part_sums + 2 * parts * c;
  float* b = a + c;
  float* e = b + c;
  for (int f = 0; f < c; ++f) {
    double sum = 0, sum_centred = 0;
    for (int part = 0; part < parts; ++part) {
      sum += part_sums[2 * part * c + f];
      sum_centred += part_sums[(2 * part + 1) * c + f];
    }
    const auto beta_gradient = static_cast<float>(sum);
    const auto gamma_gradient = static_cast<float>(sum_centred * inverse[f]);
    a[f] = gamma[f] * inverse[f];
    b[f] = -a[f] * inverse[f] * gamma_gradient / total;
    e[f] = -a[f] * beta_gradient / total - b[f] * mean[f];
    d_gamma[f] = gamma_gradient;
    d_beta[f] = beta_gradient;
  }
  for_each_part(m, c, [&](int, int first, int end_of_part) {
    for_each_block(first, end_of_part, c, [&](int begin, int end) {
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

}  // namespace inoculate
