// The layers and losses once more, as plain loops in double precision, written from the definitions
// and sharing nothing with core/ but the names of shapes. Every gradient here is itself held
// against numerical derivatives by the tests that use it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/shapes.h"
#include "nn/loss.h"

namespace inoculate::reference {

using Values = std::vector<double>;

inline Values zeros(int size) { return Values(static_cast<std::size_t>(size)); }

template <class Container>
Values doubles(const Container& floats) {
  return Values(std::begin(floats), std::end(floats));
}

inline double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// d f / d x[i] for every i by central differences. With h = 1 it is exact for a linear f.
inline Values numerical_gradient(const std::function<double(const Values&)>& f, Values x,
                                 double h = 1e-5) {
  Values gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double here = x[i];
    x[i] = here + h;
    const double above = f(x);
    x[i] = here - h;
    const double below = f(x);
    x[i] = here;
    gradient[i] = (above - below) / (2 * h);
  }
  return gradient;
}

/// A convolution with TensorFlow's "same" padding.
struct Convolution {
  int h, w, c, f, k, s;

  int out_h() const { return (h + s - 1) / s; }
  int out_w() const { return (w + s - 1) / s; }
  int in_size() const { return h * w * c; }
  int out_size() const { return out_h() * out_w() * f; }
  int kernel_size() const { return k * k * c * f; }

  /// Calls visit(index in the output, in the input, in the kernel) for every product of N images.
  template <class Visit>
  void for_each_product(int n, Visit&& visit) const {
    const int above = std::max((out_h() - 1) * s + k - h, 0) / 2;
    const int before = std::max((out_w() - 1) * s + k - w, 0) / 2;
    for (int i = 0; i < n; ++i) {
      for (int oy = 0; oy < out_h(); ++oy) {
        for (int ox = 0; ox < out_w(); ++ox) {
          for (int ky = 0; ky < k; ++ky) {
            for (int kx = 0; kx < k; ++kx) {
              const int y = oy * s + ky - above, x = ox * s + kx - before;
              if (y < 0 || y >= h || x < 0 || x >= w) continue;
              for (int ci = 0; ci < c; ++ci) {
                const int in = i * in_size() + (y * w + x) * c + ci;
                for (int fi = 0; fi < f; ++fi) {
                  visit(static_cast<std::size_t>(i * out_size() + (oy * out_w() + ox) * f + fi),
                        static_cast<std::size_t>(in),
                        static_cast<std::size_t>(((ky * k + kx) * c + ci) * f + fi));
                }
              }
            }
          }
        }
      }
    }
  }

  Values forward(const Values& in, const Values& kernel, const Values& bias, int n) const {
    Values out = zeros(n * out_size());
    for (std::size_t o = 0; o < out.size(); ++o) out[o] = bias[o % static_cast<std::size_t>(f)];
    for_each_product(n, [&](std::size_t o, std::size_t i, std::size_t k_index) {
      out[o] += in[i] * kernel[k_index];
    });
    return out;
  }

  struct Gradients {
    Values d_in, d_kernel, d_bias;
  };
  Gradients backward(const Values& d_out, const Values& in, const Values& kernel, int n) const {
    Gradients g{zeros(n * in_size()), zeros(kernel_size()), zeros(f)};
    for (std::size_t o = 0; o < d_out.size(); ++o) {
      g.d_bias[o % static_cast<std::size_t>(f)] += d_out[o];
    }
    for_each_product(n, [&](std::size_t o, std::size_t i, std::size_t k_index) {
      g.d_in[i] += d_out[o] * kernel[k_index];
      g.d_kernel[k_index] += d_out[o] * in[i];
    });
    return g;
  }
};

/// c [rows, columns] = a [rows, inner] * b [inner, columns].
inline Values multiply(const Values& a, const Values& b, int rows, int inner, int columns) {
  Values c = zeros(rows * columns);
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < inner; ++k) {
      for (int j = 0; j < columns; ++j) {
        c[static_cast<std::size_t>(r * columns + j)] +=
            a[static_cast<std::size_t>(r * inner + k)] *
            b[static_cast<std::size_t>(k * columns + j)];
      }
    }
  }
  return c;
}

inline Values transposed(const Values& a, int rows, int columns) {
  Values t = zeros(rows * columns);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      t[static_cast<std::size_t>(c * rows + r)] = a[static_cast<std::size_t>(r * columns + c)];
    }
  }
  return t;
}

/// out [N, F] = in [N, D] * kernel [D, F] + bias [F].
inline Values dense(const Values& in, const Values& kernel, const Values& bias, int n, int d,
                    int f) {
  Values out = multiply(in, kernel, n, d, f);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += bias[i % static_cast<std::size_t>(f)];
  return out;
}

/// Mean and biased variance of each of C columns.
struct Moments {
  Values mean, variance;
};
inline Moments moments(const Values& in, int c) {
  Moments result{zeros(c), zeros(c)};
  const std::size_t columns = static_cast<std::size_t>(c);
  const double rows = static_cast<double>(in.size() / columns);
  for (std::size_t i = 0; i < in.size(); ++i) result.mean[i % columns] += in[i] / rows;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double difference = in[i] - result.mean[i % columns];
    result.variance[i % columns] += difference * difference / rows;
  }
  return result;
}

inline Values normalise(const Values& in, const Moments& m, const Values& gamma,
                        const Values& beta) {
  Values out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t f = i % gamma.size();
    out[i] = gamma[f] * (in[i] - m.mean[f]) / std::sqrt(m.variance[f] + 1e-3) + beta[f];
  }
  return out;
}

inline Values softmax(const Values& logits, int f) {
  Values p(logits.size());
  const std::size_t classes = static_cast<std::size_t>(f);
  for (std::size_t row = 0; row < logits.size(); row += classes) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row);
    const double largest = *std::max_element(begin, begin + f);
    double sum = 0;
    for (std::size_t j = 0; j < classes; ++j) sum += std::exp(logits[row + j] - largest);
    for (std::size_t j = 0; j < classes; ++j) {
      p[row + j] = std::exp(logits[row + j] - largest) / sum;
    }
  }
  return p;
}

/// The loss of each row of logits [N, F].
inline Values losses(Loss loss, const Values& logits, const Labels& labels, int f) {
  const std::size_t classes = static_cast<std::size_t>(f);
  const Values p = softmax(logits, f);
  Values result(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double* row = logits.data() + i * classes;
    if (loss == Loss::kCrossEntropy) {
      const double largest = *std::max_element(row, row + f);
      double sum = 0;
      for (std::size_t j = 0; j < classes; ++j) sum += std::exp(row[j] - largest);
      result[i] = std::log(sum) + largest - row[labels[i]];
    } else {
      for (std::size_t j = 0; j < classes; ++j) {
        const double error =
            p[i * classes + j] - (j == static_cast<std::size_t>(labels[i]) ? 1.0 : 0.0);
        result[i] += error * error / f;
      }
    }
  }
  return result;
}

/// d losses / d logits [N, F], each row of its own loss, through the Jacobian of the softmax:
/// d p_i / d z_j = p_i (1[i = j] - p_j). `1 - p` is summed from the others, so that it is exact
/// where p is nearly 1.
inline Values loss_gradients(Loss loss, const Values& logits, const Labels& labels, int f) {
  const std::size_t classes = static_cast<std::size_t>(f);
  const Values p = softmax(logits, f);
  Values gradient(logits.size());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const double* q = p.data() + row * classes;
    const auto label = static_cast<std::size_t>(labels[row]);
    const auto without = [&](std::size_t left_out) {
      double sum = 0;
      for (std::size_t j = 0; j < classes; ++j) sum += j == left_out ? 0.0 : q[j];
      return sum;
    };
    for (std::size_t j = 0; j < classes; ++j) {
      double& g = gradient[row * classes + j];
      if (loss == Loss::kCrossEntropy) {
        g = j == label ? -without(j) : q[j];
        continue;
      }
      for (std::size_t i = 0; i < classes; ++i) {
        const double error = i == label ? -without(i) : q[i];
        g += 2.0 / f * error * q[i] * (i == j ? without(i) : -q[j]);
      }
    }
  }
  return gradient;
}

inline double mean(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace inoculate::reference
