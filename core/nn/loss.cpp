#include "nn/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/softmax.h"

namespace inoculate {
namespace {

// d_logits = scale * (p - one-hot). The label's own entry is p - 1 = -(sum of the others), which
// the sum gives without cancellation where p is nearly 1.
void cross_entropy_gradient(float* d, const float* p, int label, float scale, int f) {
  float others = 0;
  for (int j = 0; j < f; ++j) {
    if (j != label) others += p[j];
    d[j] = scale * p[j];
  }
  d[label] = -scale * others;
}

// With g = dL/dp = 2 / F * (p - one-hot), the softmax gives d_logits = p * (g - sum(g * p)).
void mean_squared_error_gradient(float* d, const float* p, int label, float scale, int f) {
  float dot = 0;
  for (int j = 0; j < f; ++j) {
    d[j] = 2.0F / static_cast<float>(f) * (p[j] - (j == label ? 1.0F : 0.0F));
    dot += d[j] * p[j];
  }
  for (int j = 0; j < f; ++j) d[j] = scale * p[j] * (d[j] - dot);
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
                       const std::uint8_t* labels, int n, int f) {
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
