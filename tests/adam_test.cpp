#include "nn/adam.h"

#include <cmath>
#include <tuple>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "golden_files.h"
#include "random_data.h"
#include "reference.h"
#include "threads.h"

using namespace inoculate;
using reference::doubles;
using reference::Values;

namespace {

/// Adam as Keras computes it: epsilon joins the root before its bias is corrected, and the betas of
/// the correction are rounded to single precision.
struct ReferenceAdam {
  Values p, m, v;
  int steps = 0;

  explicit ReferenceAdam(Values start) : p(std::move(start)), m(p.size()), v(p.size()) {}

  void step(const Values& g, double learning_rate) {
    ++steps;
    const auto beta1 = static_cast<double>(0.9F), beta2 = static_cast<double>(0.999F);
    const double alpha =
        learning_rate * std::sqrt(1 - std::pow(beta2, steps)) / (1 - std::pow(beta1, steps));
    for (std::size_t i = 0; i < p.size(); ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      p[i] -= alpha * m[i] / (std::sqrt(v[i]) + 1e-7);
    }
  }
};

/// Gradients of all magnitudes, as they come.
std::vector<float> gradients(RandomData& random, int size) {
  auto g = random.numbers(size);
  for (float& x : g) x *= std::pow(10.0F, static_cast<float>(random.below(8) - 6));
  return g;
}

}  // namespace

TEST_CASE("ten Adam steps equal the double loop") {
  RandomData random(1);
  for (const int size : {1, 3, 17, 33, 16384, 40'001}) {
    for (const float learning_rate : {1e-3F, 1e-4F, 0.1F}) {
      CAPTURE(size, learning_rate);
      // From zero, so that what is compared is the steps and not what they are added to.
      std::vector<float> p(static_cast<std::size_t>(size));
      AdamState state(p.size());
      ReferenceAdam expected(doubles(p));
      for (int i = 0; i < 10; ++i) {
        const auto g = gradients(random, size);
        adam_step(p, g, state, learning_rate);
        expected.step(doubles(g), static_cast<double>(learning_rate));
      }
      CHECK(state.steps == 10);
      CHECK(largest_difference(p, expected.p) < 1e-5 * static_cast<double>(learning_rate));
      CHECK(relative_difference(state.first_moment, expected.m) < 1e-6);
      CHECK(relative_difference(state.second_moment, expected.v) < 1e-6);
    }
  }
}

TEST_CASE("Adam's steps are Keras's") {
  const auto golden = golden_json("keras_units.json").at("adam");
  const auto start = golden.at("start").get<std::vector<double>>();
  const auto all_gradients = golden.at("gradients").get<std::vector<std::vector<double>>>();
  const auto after = golden.at("after").get<std::vector<Values>>();
  std::vector<float> p(start.begin(), start.end());
  AdamState state(p.size());
  for (std::size_t step = 0; step < after.size(); ++step) {
    const std::vector<float> g(all_gradients[step].begin(), all_gradients[step].end());
    adam_step(p, g, state, golden.at("learning_rate").get<float>());
    CHECK(largest_difference(p, after[step]) < 5e-7);
  }
}

TEST_CASE("the first step is the learning rate against the gradient's sign") {
  std::vector<float> p{1, 1, 1, 1};
  AdamState state(4);
  adam_step(p, std::vector<float>{100, -1, 1e-3F, 0}, state, 0.01F);
  CHECK(p[0] == Approx(0.99F));
  CHECK(p[1] == Approx(1.01F));
  CHECK(p[2] == Approx(0.99F).epsilon(1e-4));
  CHECK(p[3] == 1.0F);  // no gradient yet, no step
}

TEST_CASE("the moments of a dead unit end at zero, and never as denormal numbers") {
  std::vector<float> p{1, 1};
  AdamState state(2);
  double first = 0.1 * 1e-3, second = 0.001 * 1e-6;  // of the one that dies
  adam_step(p, std::vector<float>{1e-3F, 1e-3F}, state, 1e-3F);
  for (int step = 1; step < 3000; ++step) {
    adam_step(p, std::vector<float>{0, 1e-3F}, state, 1e-3F);
    first *= 0.9;
    second *= 0.999;
    REQUIRE(state.first_moment[0] == Approx(first).margin(1e-30));
    REQUIRE(std::fpclassify(state.first_moment[0]) != FP_SUBNORMAL);
  }
  CHECK(state.first_moment[0] == 0);
  CHECK(state.second_moment[0] == Approx(second).epsilon(1e-3));
  CHECK(state.first_moment[1] == Approx(1e-3));
}

TEST_CASE("Adam does not depend on the number of threads") {
  RandomData random(2);
  const auto start = random.numbers(100'003);
  const auto g = gradients(random, 100'003);
  const auto run = [&](int threads) {
    const WithThreads scope(threads);
    auto p = start;
    AdamState state(p.size());
    for (int i = 0; i < 3; ++i) adam_step(p, g, state, 1e-3F);
    return std::tuple(p, state.first_moment, state.second_moment);
  };
  const auto one = run(1);
  for (const int threads : {2, 3, 5}) CHECK(run(threads) == one);
}
