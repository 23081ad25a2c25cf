#include "nn/conv2d.h"

#include <cstdint>
#include <string>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "random_data.h"
#include "reference.h"
#include "threads.h"

using namespace inoculate;
using reference::Convolution;
using reference::Values;

namespace {

/// One convolution with its operands, and what our kernels and the reference make of them.
struct Trial {
  Convolution reference;
  Conv2d conv;
  int n;
  std::vector<float> in, kernel, bias, d_out;

  Trial(const Convolution& r, int batch, RandomData& random, bool drawings)
      : reference(r), conv(conv2d_same({r.h, r.w, r.c}, r.f, r.k, r.s)), n(batch) {
    in = drawings ? random.drawings(n, conv.in) : random.numbers(n * r.in_size());
    kernel = random.numbers(r.kernel_size());
    bias = random.numbers(r.f);
    d_out = random.numbers(n * r.out_size());
  }

  std::vector<float> forward() const {
    std::vector<float> out(static_cast<std::size_t>(n * reference.out_size()), 99);
    conv2d_forward(out.data(), in.data(), kernel.data(), bias.data(), conv, n);
    return out;
  }

  struct Gradients {
    std::vector<float> d_in, d_kernel, d_bias;
    bool operator==(const Gradients&) const = default;
  };
  /// What is there before must not matter.
  Gradients backward() const {
    Gradients g{std::vector<float>(in.size(), 99), std::vector<float>(kernel.size(), 99),
                std::vector<float>(bias.size(), 99)};
    conv2d_backward(g.d_in.data(), g.d_kernel.data(), g.d_bias.data(), d_out.data(), in.data(),
                    kernel.data(), conv, n);
    return g;
  }

  /// The largest relative difference of anything from the reference.
  double difference() const {
    using reference::doubles;
    const Values x = doubles(in), k = doubles(kernel);
    const auto expected = reference.backward(doubles(d_out), x, k, n);
    const auto g = backward();
    double largest = relative_difference(forward(), reference.forward(x, k, doubles(bias), n));
    largest = std::max(largest, relative_difference(g.d_in, expected.d_in));
    // A kernel that only ever meets blank ground has no gradient to be relative to.
    largest = std::max(largest, largest_difference(g.d_kernel, expected.d_kernel) /
                                    std::max(1.0, largest_magnitude(expected.d_kernel)));
    return std::max(largest, relative_difference(g.d_bias, expected.d_bias));
  }
};

std::string text(const Convolution& c, int n) {
  return std::to_string(n) + " x " + std::to_string(c.h) + " x " + std::to_string(c.w) + " x " +
         std::to_string(c.c) + ", " + std::to_string(c.f) + " filters, kernel " +
         std::to_string(c.k) + ", stride " + std::to_string(c.s);
}

constexpr double kTolerance = 2e-6;

}  // namespace

TEST_CASE("same padding is TensorFlow's: the smaller half comes first") {
  // Outputs and padding before, from TensorFlow's definition: out = ceil(in / stride), and in all
  // max((out - 1) * stride + kernel - in, 0) of padding.
  struct {
    int in, kernel, stride, out, pad;
  } const cases[] = {{28, 3, 2, 14, 0}, {14, 3, 2, 7, 0},  {28, 3, 1, 28, 1}, {7, 3, 2, 4, 1},
                     {28, 5, 2, 14, 1}, {28, 5, 3, 10, 2}, {5, 2, 1, 5, 0},   {6, 2, 2, 3, 0},
                     {4, 1, 2, 2, 0},   {5, 1, 3, 2, 0},   {1, 3, 3, 1, 1},   {1, 5, 1, 1, 2},
                     {2, 2, 3, 1, 0},   {9, 3, 3, 3, 0}};
  for (const auto& c : cases) {
    CAPTURE(c.in, c.kernel, c.stride);
    const Conv2d conv = conv2d_same({c.in, 9, 2}, 4, c.kernel, c.stride);
    CHECK(conv.out.h == c.out);
    CHECK(conv.pad_top == c.pad);
    CHECK(conv2d_same({9, c.in, 2}, 4, c.kernel, c.stride).out.w == c.out);
    CHECK(conv2d_same({9, c.in, 2}, 4, c.kernel, c.stride).pad_left == c.pad);
    CHECK(conv.out.c == 4);
    CHECK(conv.kernel_size() == c.kernel * c.kernel * 2 * 4);
  }
}

TEST_CASE("the reference convolution's gradients are its numerical derivatives") {
  RandomData random(1);
  for (const Convolution& c : {Convolution{5, 4, 3, 2, 3, 2},
                               {3, 6, 2, 3, 2, 1},
                               {4, 5, 1, 2, 5, 3},
                               {5, 5, 2, 2, 1, 2}}) {
    const Trial t(c, 2, random, false);
    using reference::doubles;
    const Values x = doubles(t.in), k = doubles(t.kernel), b = doubles(t.bias);
    const Values d_out = doubles(t.d_out);
    const auto g = c.backward(d_out, x, k, t.n);
    const auto loss = [&](const Values& in, const Values& kernel, const Values& bias) {
      return reference::dot(c.forward(in, kernel, bias, t.n), d_out);
    };
    const auto near = [](const Values& analytic, const Values& numerical) {
      return largest_difference(analytic, numerical) < 1e-9;
    };
    CHECK(near(g.d_in, reference::numerical_gradient([&](const Values& v) { return loss(v, k, b); },
                                                     x, 1)));
    CHECK(near(g.d_kernel, reference::numerical_gradient(
                               [&](const Values& v) { return loss(x, v, b); }, k, 1)));
    CHECK(near(g.d_bias, reference::numerical_gradient(
                             [&](const Values& v) { return loss(x, k, v); }, b, 1)));
  }
}

TEST_CASE("convolutions of every small width, kernel and stride equal the plain loop") {
  RandomData random(2);
  const int channels[] = {1, 3, 10, 17}, filters[] = {1, 3, 10, 17, 33, 64}, batches[] = {1, 2, 5};
  std::uint32_t turn = 0;  // the other sizes take turns, so that all meet all in the end
  for (const int kernel : {1, 2, 3, 5}) {
    for (const int stride : {1, 2, 3}) {
      for (int width = 1; width <= 9; ++width, ++turn) {
        const Convolution c{1 + static_cast<int>(turn * 5 % 7),
                            width,
                            channels[turn % 4],
                            filters[turn % 6],
                            kernel,
                            stride};
        const int n = batches[turn % 3];
        CAPTURE(text(c, n));
        CHECK(Trial(c, n, random, false).difference() < kTolerance);
        CHECK(Trial(c, n, random, true).difference() < kTolerance);
      }
    }
  }
}

TEST_CASE("convolutions of larger sizes and batches equal the plain loop") {
  RandomData random(3);
  struct {
    Convolution c;
    int n;
  } const cases[] = {
      {{28, 28, 1, 32, 3, 2}, 5},   // the network's first
      {{14, 14, 32, 64, 3, 2}, 2},  // and its second
      {{7, 7, 10, 33, 3, 1}, 17},   // part and group sizes that do not divide the batch
      {{5, 7, 33, 10, 3, 2}, 33},   // several images a part
      {{4, 3, 64, 17, 3, 1}, 5},   {{28, 28, 3, 3, 5, 3}, 2},
      {{3, 28, 17, 3, 2, 1}, 3},   {{6, 6, 3, 10, 5, 1}, 17},
  };
  for (const auto& [c, n] : cases) {
    CAPTURE(text(c, n));
    CHECK(Trial(c, n, random, false).difference() < kTolerance);
    CHECK(Trial(c, n, random, true).difference() < kTolerance);
  }
}

TEST_CASE("images of one colour, and zeros of either sign, are convolved right") {
  RandomData random(4);
  for (const float colour : {0.0F, -0.0F, 0.5F}) {
    for (const bool speck : {false, true}) {
      Trial t({9, 8, 10, 17, 3, 1}, 6, random, false);
      t.in.assign(t.in.size(), colour);
      // A single different value, or a zero of the other sign, among equal fields.
      if (speck) t.in[t.in.size() / 2] = colour == 0 ? -colour : -1;
      CAPTURE(colour, speck);
      CHECK(t.difference() < kTolerance);
    }
  }
}

TEST_CASE("a convolution used again with other sizes and fewer images forgets the last") {
  RandomData random(5);
  const Convolution large{9, 9, 10, 17, 3, 1}, small{4, 9, 10, 3, 5, 2};
  for (const int n : {33, 1, 5}) {
    CAPTURE(n);
    CHECK(Trial(large, n, random, true).difference() < kTolerance);
    CHECK(Trial(small, n, random, true).difference() < kTolerance);
  }
}

TEST_CASE("a convolution gives the same gradients of its weights without that of its input") {
  RandomData random(6);
  const Trial t({9, 8, 3, 17, 3, 2}, 6, random, false);
  const auto both = t.backward();
  std::vector<float> d_kernel(t.kernel.size(), 99), d_bias(t.bias.size(), 99);
  conv2d_backward(nullptr, d_kernel.data(), d_bias.data(), t.d_out.data(), t.in.data(),
                  t.kernel.data(), t.conv, t.n);
  CHECK(d_kernel == both.d_kernel);
  CHECK(d_bias == both.d_bias);
}

TEST_CASE("an image's convolution does not depend on the batch around it") {
  RandomData random(7);
  const Trial t({9, 9, 10, 17, 3, 2}, 21, random, true);
  const auto out = t.forward();
  const auto d_in = t.backward().d_in;
  for (int i = 0; i < t.n; ++i) {
    const auto cut = [&](const std::vector<float>& batch, int size) {
      return std::vector<float>(batch.begin() + i * size, batch.begin() + (i + 1) * size);
    };
    Trial single = t;
    single.n = 1;
    single.in = cut(t.in, t.conv.in.size());
    single.d_out = cut(t.d_out, t.conv.out.size());
    CHECK(single.forward() == cut(out, t.conv.out.size()));
    CHECK(single.backward().d_in == cut(d_in, t.conv.in.size()));
  }
}

TEST_CASE("a convolution's results do not depend on the number of threads") {
  RandomData random(8);
  const Trial t({9, 8, 10, 33, 3, 1}, 37, random, true);
  const auto run = [&](int threads) {
    const WithThreads scope(threads);
    return std::pair{t.forward(), t.backward()};
  };
  const auto one = run(1);
  for (const int threads : {2, 3, 5}) CHECK(run(threads) == one);
}
