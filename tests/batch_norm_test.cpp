#include "nn/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "random_data.h"
#include "reference.h"
#include "threads.h"

using namespace inoculate;
using reference::doubles;
using reference::Values;

namespace {

/// Batch normalisation of in [M, C] with random parameters.
struct Trial {
  int m, c;
  std::vector<float> in, gamma, beta, moving_mean, moving_variance, d_out;

  Trial(int rows, int channels, RandomData& random)
      : m(rows),
        c(channels),
        in(random.numbers(m * c, -2, 3)),
        gamma(random.numbers(c, -1.5F, 1.5F)),
        beta(random.numbers(c)),
        moving_mean(random.numbers(c)),
        moving_variance(random.numbers(c, 0, 2)),
        d_out(random.numbers(m * c)) {}

  struct Forward {
    std::vector<float> out, saved, moving_mean, moving_variance;
    bool operator==(const Forward&) const = default;
  };
  Forward forward_training() const {
    Forward f{std::vector<float>(in.size(), 99), std::vector<float>(2 * gamma.size(), 99),
              moving_mean, moving_variance};
    batch_norm_forward_training(f.out.data(), f.saved.data(), f.moving_mean.data(),
                                f.moving_variance.data(), in.data(), gamma.data(), beta.data(), m,
                                c);
    return f;
  }

  struct Backward {
    std::vector<float> d_in, d_gamma, d_beta;
    bool operator==(const Backward&) const = default;
  };
  Backward backward_training(const Forward& f) const {
    Backward b{std::vector<float>(in.size(), 99), std::vector<float>(gamma.size(), 99),
               std::vector<float>(gamma.size(), 99)};
    batch_norm_backward_training(b.d_in.data(), b.d_gamma.data(), b.d_beta.data(), d_out.data(),
                                 in.data(), f.saved.data(), gamma.data(), m, c);
    return b;
  }
};

struct ReferenceGradients {
  Values d_in, d_gamma, d_beta;

  /// With x = (in - mean) / deviation: d_in = gamma / deviation * (d_out - mean of d_out -
  /// x * mean of d_out * x).
  explicit ReferenceGradients(const Trial& t)
      : d_in(t.in.size()), d_gamma(t.gamma.size()), d_beta(t.gamma.size()) {
    const auto moments = reference::moments(doubles(t.in), t.c);
    const std::size_t c = t.gamma.size();
    const auto deviation = [&](std::size_t f) { return std::sqrt(moments.variance[f] + 1e-3); };
    const auto x = [&](std::size_t i) {
      return (t.in[i] - moments.mean[i % c]) / deviation(i % c);
    };
    for (std::size_t i = 0; i < t.in.size(); ++i) {
      d_beta[i % c] += t.d_out[i];
      d_gamma[i % c] += t.d_out[i] * x(i);
    }
    for (std::size_t i = 0; i < t.in.size(); ++i) {
      const std::size_t f = i % c;
      d_in[i] =
          t.gamma[f] / deviation(f) * (t.d_out[i] - d_beta[f] / t.m - x(i) * d_gamma[f] / t.m);
    }
  }
};

/// Around 2^15 floats and more the rows are summed in parts.
const std::vector<int> kRows{1, 2, 5, 17, 33, 196, 2500};
const std::vector<int> kChannels{1, 3, 10, 17, 33, 64};

/// Of sums over M rows, in single precision.
double tolerance(int m) { return m < 1000 ? 2e-6 : 1e-5; }

}  // namespace

TEST_CASE("the reference batch normalisation's gradients are its numerical derivatives") {
  RandomData random(1);
  const Trial t(6, 3, random);
  const Values in = doubles(t.in), gamma = doubles(t.gamma), beta = doubles(t.beta);
  const auto loss = [&](const Values& x, const Values& g, const Values& b) {
    return reference::dot(reference::normalise(x, reference::moments(x, t.c), g, b),
                          doubles(t.d_out));
  };
  const ReferenceGradients g(t);
  using reference::numerical_gradient;
  CHECK(largest_difference(
            g.d_in, numerical_gradient([&](const Values& v) { return loss(v, gamma, beta); }, in)) <
        1e-8);
  CHECK(largest_difference(
            g.d_gamma,
            numerical_gradient([&](const Values& v) { return loss(in, v, beta); }, gamma)) < 1e-8);
  CHECK(largest_difference(
            g.d_beta,
            numerical_gradient([&](const Values& v) { return loss(in, gamma, v); }, beta)) < 1e-8);
}

TEST_CASE("batch normalisation in training equals the plain loop, and moves the statistics") {
  RandomData random(2);
  for (const int m : kRows) {
    for (const int c : kChannels) {
      CAPTURE(m, c);
      const Trial t(m, c, random);
      const auto moments = reference::moments(doubles(t.in), c);
      const auto f = t.forward_training();
      CHECK(relative_difference(f.out, reference::normalise(doubles(t.in), moments,
                                                            doubles(t.gamma), doubles(t.beta))) <
            5e-6);
      Values saved = moments.mean, mean, variance;
      for (std::size_t i = 0; i < t.gamma.size(); ++i) {
        saved.push_back(1 / std::sqrt(moments.variance[i] + 1e-3));
        mean.push_back(0.99 * t.moving_mean[i] + 0.01 * moments.mean[i]);
        variance.push_back(0.99 * t.moving_variance[i] + 0.01 * moments.variance[i]);
      }
      CHECK(relative_difference(f.saved, saved) < tolerance(m));
      CHECK(relative_difference(f.moving_mean, mean) < tolerance(m));
      CHECK(relative_difference(f.moving_variance, variance) < tolerance(m));
    }
  }
}

TEST_CASE("batch normalisation's gradients equal the plain loop") {
  RandomData random(3);
  for (const int m : kRows) {
    for (const int c : kChannels) {
      CAPTURE(m, c);
      const Trial t(m, c, random);
      const ReferenceGradients expected(t);
      const auto f = t.forward_training();
      const auto g = t.backward_training(f);
      // One row has no gradient: what remains is next to the terms that cancel.
      const double scale = largest_magnitude(f.saved) * largest_magnitude(t.gamma);
      CHECK(largest_difference(g.d_in, expected.d_in) < 2e-6 * scale);
      CHECK(largest_difference(g.d_gamma, expected.d_gamma) <
            tolerance(m) * std::max(1.0, largest_magnitude(expected.d_gamma)));
      CHECK(relative_difference(g.d_beta, expected.d_beta) < tolerance(m));
    }
  }
}

TEST_CASE("batch normalisation in inference is a scale and a shift by the moving statistics") {
  RandomData random(4);
  for (const int c : kChannels) {
    CAPTURE(c);
    const Trial t(5, c, random);
    const auto size = static_cast<std::size_t>(c);
    std::vector<float> scale(size), shift(size), out;
    batch_norm_scale_and_shift(scale.data(), shift.data(), t.gamma.data(), t.beta.data(),
                               t.moving_mean.data(), t.moving_variance.data(), c);
    for (std::size_t i = 0; i < t.in.size(); ++i) {
      out.push_back(t.in[i] * scale[i % size] + shift[i % size]);
    }
    const reference::Moments moving{doubles(t.moving_mean), doubles(t.moving_variance)};
    CHECK(relative_difference(out, reference::normalise(doubles(t.in), moving, doubles(t.gamma),
                                                        doubles(t.beta))) < 2e-6);
  }
}

TEST_CASE("a gradient may be turned in place") {
  RandomData random(5);
  for (const auto& [m, c] : {std::pair{5, 3}, {33, 17}, {2500, 33}}) {
    CAPTURE(m, c);
    const Trial t(m, c, random);
    const auto f = t.forward_training();
    const auto expected = t.backward_training(f);
    std::vector<float> d = t.d_out, d_gamma(t.gamma.size()), d_beta(t.gamma.size());
    batch_norm_backward_training(d.data(), d_gamma.data(), d_beta.data(), d.data(), t.in.data(),
                                 f.saved.data(), t.gamma.data(), m, c);
    CHECK(d == expected.d_in);
  }
}

TEST_CASE("values far from zero keep their variance") {
  // E[x^2] - E[x]^2 in single precision would leave nothing of it.
  RandomData random(6);
  for (const int m : {33, 2500}) {
    Trial t(m, 17, random);
    for (float& x : t.in) x += 1000;
    const auto moments = reference::moments(doubles(t.in), t.c);
    const auto f = t.forward_training();
    for (std::size_t i = 0; i < t.gamma.size(); ++i) {
      CHECK(f.saved[i] == Approx(moments.mean[i]).epsilon(1e-6));
      CHECK(f.saved[t.gamma.size() + i] ==
            Approx(1 / std::sqrt(moments.variance[i] + 1e-3)).epsilon(1e-4));
    }
    CHECK(largest_difference(f.out, reference::normalise(doubles(t.in), moments, doubles(t.gamma),
                                                         doubles(t.beta))) < 1e-3);
  }
}

TEST_CASE("equal values are normalised to beta") {
  RandomData random(7);
  for (const int m : {1, 5, 2500}) {
    Trial t(m, 17, random);
    t.in.assign(t.in.size(), 0.3F);
    const auto f = t.forward_training();
    for (std::size_t i = 0; i < f.out.size(); ++i) {
      REQUIRE(f.out[i] == Approx(t.beta[i % t.beta.size()]).margin(1e-5));
    }
    for (std::size_t i = 0; i < t.gamma.size(); ++i) {
      CHECK(f.moving_variance[i] == Approx(0.99 * t.moving_variance[i]));
    }
  }
}

TEST_CASE("batch normalisation does not depend on the number of threads") {
  RandomData random(8);
  const Trial t(2500, 33, random);
  const auto run = [&](int threads) {
    const WithThreads scope(threads);
    const auto f = t.forward_training();
    return std::pair{f, t.backward_training(f)};
  };
  const auto one = run(1);
  for (const int threads : {2, 3, 5}) CHECK(run(threads) == one);
}
