#include "nn/dense.h"

#include <algorithm>
#include <utility>
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

struct Trial {
  int n, d, f;
  std::vector<float> in, kernel, bias, d_out;

  Trial(int batch, int inputs, int outputs, RandomData& random)
      : n(batch),
        d(inputs),
        f(outputs),
        in(random.numbers(n * d)),
        kernel(random.numbers(d * f)),
        bias(random.numbers(f)),
        d_out(random.numbers(n * f)) {}

  std::vector<float> forward() const {
    std::vector<float> out(static_cast<std::size_t>(n * f), 99);
    dense_forward(out.data(), in.data(), kernel.data(), bias.data(), {d, f}, n);
    return out;
  }

  struct Gradients {
    std::vector<float> d_in, d_kernel, d_bias;
    bool operator==(const Gradients&) const = default;
  };
  Gradients backward(bool for_input = true, bool for_parameters = true) const {
    Gradients g;
    if (for_input) g.d_in.resize(in.size(), 99);
    if (for_parameters) {
      g.d_kernel.resize(kernel.size(), 99);
      g.d_bias.resize(bias.size(), 99);
    }
    dense_backward(for_input ? g.d_in.data() : nullptr,
                   for_parameters ? g.d_kernel.data() : nullptr,
                   for_parameters ? g.d_bias.data() : nullptr, d_out.data(), in.data(),
                   kernel.data(), {d, f}, n);
    return g;
  }
};

/// Gradients of sum(out * d_out) by the rule of the product.
struct ReferenceGradients {
  Values d_in, d_kernel, d_bias;

  explicit ReferenceGradients(const Trial& t) {
    const Values x = doubles(t.in), k = doubles(t.kernel), d_out = doubles(t.d_out);
    d_in = reference::multiply(d_out, reference::transposed(k, t.d, t.f), t.n, t.f, t.d);
    d_kernel = reference::multiply(reference::transposed(x, t.n, t.d), d_out, t.d, t.n, t.f);
    d_bias = reference::multiply(Values(static_cast<std::size_t>(t.n), 1.0), d_out, 1, t.n, t.f);
  }
};

}  // namespace

TEST_CASE("the reference dense layer's gradients are its numerical derivatives") {
  RandomData random(1);
  const Trial t(3, 5, 4, random);
  const Values x = doubles(t.in), k = doubles(t.kernel), b = doubles(t.bias);
  const auto loss = [&](const Values& in, const Values& kernel, const Values& bias) {
    return reference::dot(reference::dense(in, kernel, bias, t.n, t.d, t.f), doubles(t.d_out));
  };
  using reference::numerical_gradient;
  const ReferenceGradients g(t);
  CHECK(largest_difference(
            g.d_in, numerical_gradient([&](const Values& v) { return loss(v, k, b); }, x, 1)) <
        1e-12);
  CHECK(largest_difference(
            g.d_kernel, numerical_gradient([&](const Values& v) { return loss(x, v, b); }, k, 1)) <
        1e-12);
  CHECK(largest_difference(
            g.d_bias, numerical_gradient([&](const Values& v) { return loss(x, k, v); }, b, 1)) <
        1e-12);
}

TEST_CASE("dense layers of every kind of size equal the plain loop") {
  RandomData random(2);
  for (const int n : {1, 2, 5, 17, 33, 65, 130}) {
    for (const int d : {1, 3, 17, 33, 64, 100, 530}) {
      for (const int f : {1, 3, 10, 17, 33, 64, 130}) {
        if (n * d * f > 600'000) continue;
        CAPTURE(n, d, f);
        const Trial t(n, d, f, random);
        const ReferenceGradients expected(t);
        const auto g = t.backward();
        double worst = relative_difference(
            t.forward(),
            reference::dense(doubles(t.in), doubles(t.kernel), doubles(t.bias), n, d, f));
        worst = std::max(worst, relative_difference(g.d_in, expected.d_in));
        worst = std::max(worst, relative_difference(g.d_kernel, expected.d_kernel));
        worst = std::max(worst, relative_difference(g.d_bias, expected.d_bias));
        CHECK(worst < 2e-6);
      }
    }
  }
}

TEST_CASE("a dense layer gives the same gradients whether one kind is wanted or both") {
  RandomData random(3);
  const Trial t(17, 100, 33, random);
  const auto both = t.backward();
  CHECK(t.backward(true, false).d_in == both.d_in);
  CHECK(t.backward(false, true).d_kernel == both.d_kernel);
  CHECK(t.backward(false, true).d_bias == both.d_bias);
}

TEST_CASE("a row through a dense layer does not depend on the rows around it") {
  RandomData random(4);
  const Trial t(70, 100, 130, random);
  const auto out = t.forward();
  const auto d_in = t.backward(true, false).d_in;
  for (int i = 0; i < t.n; ++i) {
    const auto cut = [&](const std::vector<float>& batch, int size) {
      return std::vector<float>(batch.begin() + i * size, batch.begin() + (i + 1) * size);
    };
    Trial single = t;
    single.n = 1;
    single.in = cut(t.in, t.d);
    single.d_out = cut(t.d_out, t.f);
    CHECK(single.forward() == cut(out, t.f));
    CHECK(single.backward(true, false).d_in == cut(d_in, t.d));
  }
}

TEST_CASE("a dense layer's results do not depend on the number of threads") {
  RandomData random(5);
  const Trial t(130, 530, 130, random);
  const auto run = [&](int threads) {
    const WithThreads scope(threads);
    return std::pair{t.forward(), t.backward()};
  };
  const auto one = run(1);
  for (const int threads : {2, 3, 5}) CHECK(run(threads) == one);
}
