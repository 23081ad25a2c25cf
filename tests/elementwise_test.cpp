// Rectifier, dropout and softmax.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "nn/dropout.h"
#include "nn/relu.h"
#include "nn/softmax.h"
#include "random_data.h"
#include "reference.h"
#include "threads.h"

using namespace inoculate;
using reference::doubles;

TEST_CASE("the rectifier lets pass what is above zero, and only its gradient") {
  std::vector<float> x{-2, -0.0F, 0, 1e-30F, 3, -1e30F, 1e30F};
  relu_forward(x.data(), x.size());
  CHECK(x == std::vector<float>{0, 0, 0, 1e-30F, 3, 0, 1e30F});
  std::vector<float> d{1, 2, 3, 4, 5, 6, -7};
  relu_backward(d.data(), x.data(), d.size());
  CHECK(d == std::vector<float>{0, 0, 0, 4, 5, 0, -7});
}

TEST_CASE("the rectifier treats every element of any size alike") {
  RandomData random(1);
  for (const int size : {0, 1, 15, 17, 33, 32768, 100'003}) {
    for (const int threads : {1, 3}) {
      CAPTURE(size, threads);
      const WithThreads scope(threads);
      const auto before = random.numbers(size);
      const auto gradient = random.numbers(size);
      auto x = before;
      auto d = gradient;
      relu_forward(x.data(), x.size());
      relu_backward(d.data(), x.data(), d.size());
      int wrong = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        wrong += x[i] != (before[i] > 0 ? before[i] : 0.0F);
        wrong += d[i] != (before[i] > 0 ? gradient[i] : 0.0F);
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("dropout drops at its rate and scales the rest, forward and back alike") {
  RandomData random(2);
  for (const float rate : {0.0F, 0.1F, 0.5F, 0.9F, 0.999F}) {
    CAPTURE(rate);
    constexpr int kSize = 20001;  // odd: two draws come out of a number
    Rng rng(3);
    const auto before = random.numbers(kSize);
    auto x = before;
    std::vector<float> factors(kSize, 99);
    dropout_forward(x.data(), factors.data(), rate, kSize, rng);
    const auto gradient = random.numbers(kSize);
    auto d = gradient;
    dropout_backward(d.data(), factors.data(), kSize);
    int dropped = 0, wrong = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      dropped += factors[i] == 0;
      wrong += factors[i] != 0 && factors[i] != Approx(1 / (1 - static_cast<double>(rate)));
      wrong += x[i] != before[i] * factors[i] || d[i] != gradient[i] * factors[i];
    }
    CHECK(wrong == 0);
    const double expected = rate * kSize;
    CHECK(std::abs(dropped - expected) <= 5 * std::sqrt(expected * (1 - rate)));
  }
}

TEST_CASE("neighbours are dropped independently") {
  constexpr std::size_t kSize = 40000;
  for (const float rate : {0.1F, 0.5F, 0.9F}) {
    Rng rng(4);
    std::vector<float> x(kSize, 1), factors(kSize);
    dropout_forward(x.data(), factors.data(), rate, kSize, rng);
    for (const std::size_t distance : {1U, 2U, 3U}) {
      CAPTURE(rate, distance);
      int both = 0;
      for (std::size_t i = distance; i < kSize; ++i) {
        both += factors[i] == 0 && factors[i - distance] == 0;
      }
      const double expected = static_cast<double>(rate) * static_cast<double>(rate) * kSize;
      CHECK(std::abs(both - expected) < 6 * std::sqrt(expected));
    }
  }
}

TEST_CASE("dropout is the generator's alone, and goes on with it") {
  const auto draw = [](Rng& rng) {
    std::vector<float> x(33, 1), factors(33);
    dropout_forward(x.data(), factors.data(), 0.5F, x.size(), rng);
    return factors;
  };
  Rng a(5), b(5), c(6);
  const auto first = draw(a);
  CHECK(draw(b) == first);
  CHECK(draw(c) != first);
  CHECK(draw(a) != first);
}

TEST_CASE("softmax equals the double formula") {
  RandomData random(7);
  for (const int n : {1, 2, 5, 17}) {
    for (const int f : {1, 2, 3, 10, 17, 33}) {
      CAPTURE(n, f);
      const auto logits = random.numbers(n * f, -8, 8);
      auto p = logits;
      softmax(p.data(), p.data(), n, f);  // in place
      CHECK(largest_difference(p, reference::softmax(doubles(logits), f)) < 1e-6);
    }
  }
}

TEST_CASE("softmax of extreme logits is finite and sums to one") {
  const std::vector<float> rows[] = {{1e4F, -1e4F, 0}, {1e4F, 1e4F, 1e4F}, {-1e4F, -1e4F, -1e4F},
                                     {0, 0, 0},        {3e38F, 0, -3e38F}, {88, 89, 90}};
  for (const auto& logits : rows) {
    CAPTURE(logits);
    std::vector<float> p(3);
    softmax(p.data(), logits.data(), 1, 3);
    CHECK(largest_difference(p, reference::softmax(doubles(logits), 3)) < 1e-6);
    CHECK(p[0] + p[1] + p[2] == Approx(1));
  }
}
