#include "nn/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/softmax.h"

namespace inoculate {
namespace {

// Where the network is nearly certain, p - one-hot loses all its digits at the label. The sum of
// the other probabilities is 1 - p there without cancellation, and attacks live on such gradients.
float sum_of_others(const float* p, int label, int f) {
  float others = 0;
  for (int j = 0; j < f; ++j) {
    if (j != label) others += p[j];
  }
  return others;
}

// d_logits = scale * (p - one-hot).
void cross_entropy_gradient(float* d, const float* p, int label, float scale, int f) {
  for (int j = 0; j < f; ++j) d[j] = scale * p[j];
  d[label] = -scale * sum_of_others(p, label, f);
}

// With e = p - one-hot, dL/dp = 2 / F * e, and the softmax gives d_logits = 2 / F * p * (e - sum(e
// * p)). Of that sum the label's term is taken apart, so that no two nearly equal numbers are
// subtracted.
void mean_squared_error_gradient(float* d, const float* p, int label, float scale, int f) {
  const float others = sum_of_others(p, label, f);
  float rest = 0;
  for (int j = 0; j < f; ++j) {
    if (j != label) rest += p[j] * p[j];
  }
  const float factor = scale * 2.0F / static_cast<float>(f);
  for (int j = 0; j < f; ++j) d[j] = factor * p[j] * (p[j] + others * p[label] - rest);
  d[label] = -factor * p[label] * (others * others + rest);
}

float cross_entropy(const float* logits, int label, int f) {
  const float largest = *std::max_element(logits, logits + f);
  float sum = 0;
  for (int j = 0; j < f; ++j) sum += std::exp(logits[j] - largest);
  return std::log(sum) - (logits[label] - largest);
}

float mean_squared_error(const float* p, int label, int f) {
  float sum = 0;
  for (int j = 0; j < f; ++j) {
    const float error = p[j] - (j == label ? 1.0F : 0.0F);
    sum += error * error;
  }
  return sum / static_cast<float>(f);
}

}  // namespace

void loss_and_gradient(float* losses, float* d_logits, Loss loss, float scale, const float* logits,
                       const std::int32_t* labels, int n, int f) {
  std::vector<float> p(static_cast<std::size_t>(f));
  for (int i = 0; i < n; ++i) {
    const float* row = logits + i * f;
    const int label = labels[i];
    softmax(p.data(), row, 1, f);
    const bool entropy = loss == Loss::kCrossEntropy;
    if (losses != nullptr) {
      losses[i] = entropy ? cross_entropy(row, label, f) : mean_squared_error(p.data(), label, f);
    }
    if (d_logits != nullptr) {
      const auto gradient = entropy ? cross_entropy_gradient : mean_squared_error_gradient;
      gradient(d_logits + i * f, p.data(), label, scale, f);
    }
  }
}

}  // namespace inoculate
