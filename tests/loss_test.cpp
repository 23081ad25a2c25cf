#include "nn/loss.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "golden_files.h"
#include "random_data.h"
#include "reference.h"

using namespace inoculate;
using reference::doubles;
using reference::Values;

namespace {

constexpr Loss kLosses[] = {Loss::kCrossEntropy, Loss::kMeanSquaredError};

struct Result {
  std::vector<float> losses, gradient;
};

Result compute(Loss loss, const std::vector<float>& logits, const Labels& labels, int f,
               float scale = 1) {
  Result r{std::vector<float>(labels.size(), 99), std::vector<float>(logits.size(), 99)};
  loss_and_gradient(r.losses.data(), r.gradient.data(), loss, scale, logits.data(), labels.data(),
                    static_cast<int>(labels.size()), f);
  return r;
}

}  // namespace

TEST_CASE("the reference losses' gradients are their numerical derivatives") {
  RandomData random(1);
  for (const Loss loss : kLosses) {
    for (const int f : {2, 3, 10}) {
      const Labels labels = random.labels(4, f);
      const Values logits = doubles(random.numbers(4 * f, -3, 3));
      const auto sum = [&](const Values& v) {
        return 4 * reference::mean(reference::losses(loss, v, labels, f));
      };
      CHECK(largest_difference(reference::loss_gradients(loss, logits, labels, f),
                               reference::numerical_gradient(sum, logits)) < 1e-9);
    }
  }
}

TEST_CASE("losses and their gradients equal the double formula") {
  RandomData random(2);
  for (const Loss loss : kLosses) {
    for (const int n : {1, 2, 5, 17}) {
      for (const int f : {2, 3, 10, 17, 33}) {
        for (const float spread : {0.1F, 3.0F, 30.0F}) {
          CAPTURE(static_cast<int>(loss), n, f, spread);
          const auto logits = random.numbers(n * f, -spread, spread);
          const Labels labels = random.labels(n, f);
          const auto r = compute(loss, logits, labels, f);
          const Values expected = reference::loss_gradients(loss, doubles(logits), labels, f);
          CHECK(largest_difference(r.losses, reference::losses(loss, doubles(logits), labels, f)) <
                1e-6 * std::max(1.0F, spread));
          CHECK(largest_difference(r.gradient, expected) < 1e-6);
        }
      }
    }
  }
}

TEST_CASE("a sure answer keeps its cross-entropy gradient") {
  // p - 1 in single precision would be 0 or a few units of rounding; attacks live on this sign.
  for (const float margin : {5.0F, 15.0F, 20.0F, 50.0F}) {
    CAPTURE(margin);
    const std::vector<float> logits{0, margin, -1, 0.5F};
    const auto r = compute(Loss::kCrossEntropy, logits, {1}, 4);
    const Values expected = reference::loss_gradients(Loss::kCrossEntropy, doubles(logits), {1}, 4);
    for (std::size_t j = 0; j < 4; ++j) CHECK(r.gradient[j] == Approx(expected[j]).epsilon(1e-5));
  }
}

TEST_CASE("losses of extreme logits are finite and right") {
  const std::vector<float> rows[] = {{1e4F, -1e4F, 0},      {-1e4F, 1e4F, 1e4F}, {1e4F, 1e4F, 1e4F},
                                     {-1e4F, -1e4F, -1e4F}, {0, 0, 0},           {100, 0, -100}};
  for (const Loss loss : kLosses) {
    for (const auto& logits : rows) {
      for (int label = 0; label < 3; ++label) {
        CAPTURE(static_cast<int>(loss), logits, static_cast<int>(label));
        const auto r = compute(loss, logits, {label}, 3);
        const Values x = doubles(logits);
        const Values expected = reference::losses(loss, x, {label}, 3);
        CHECK(largest_difference(r.losses, expected) <
              1e-6 * std::max(1.0, largest_magnitude(expected)));
        CHECK(largest_difference(r.gradient, reference::loss_gradients(loss, x, {label}, 3)) <
              1e-6);
      }
    }
  }
}

TEST_CASE("the scale multiplies the gradient and not the loss; either may be left out") {
  RandomData random(3);
  const auto logits = random.numbers(50);
  const Labels labels = random.labels(5);
  for (const Loss loss : kLosses) {
    const auto whole = compute(loss, logits, labels, 10);
    const auto scaled = compute(loss, logits, labels, 10, 0.25F);
    CHECK(scaled.losses == whole.losses);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      CHECK(scaled.gradient[i] == Approx(whole.gradient[i] / 4));
    }
    std::vector<float> losses(5), gradient(50);
    loss_and_gradient(losses.data(), nullptr, loss, 1, logits.data(), labels.data(), 5, 10);
    loss_and_gradient(nullptr, gradient.data(), loss, 1, logits.data(), labels.data(), 5, 10);
    CHECK(losses == whole.losses);
    CHECK(gradient == whole.gradient);
  }
}

TEST_CASE("losses and gradients are Keras's") {
  const auto golden = golden_json("keras_units.json").at("losses");
  const auto rows = golden.at("logits").get<std::vector<std::vector<double>>>();
  const auto labels = golden.at("labels").get<Labels>();
  std::vector<float> logits;
  for (const auto& row : rows) logits.insert(logits.end(), row.begin(), row.end());
  for (const Loss loss : kLosses) {
    const auto& expected = golden.at(loss == Loss::kCrossEntropy ? "crossentropy" : "mse");
    Values d_logits;
    for (const auto& row : expected.at("d_logits").get<std::vector<std::vector<double>>>()) {
      d_logits.insert(d_logits.end(), row.begin(), row.end());
    }
    const auto r = compute(loss, logits, labels, 10, 1.0F / static_cast<float>(labels.size()));
    CHECK(reference::mean(doubles(r.losses)) ==
          Approx(expected.at("value").get<double>()).epsilon(1e-6));
    CHECK(largest_difference(r.gradient, d_logits) < 1e-7);
  }
}
