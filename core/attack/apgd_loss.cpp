#include "attack/apgd_loss.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>

#include "attack/margin.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

// Away from the label `aim`, or towards it.
float cross_entropy(float* d, const float* z, int classes, int aim, bool towards) {
  float loss = 0;
  loss_and_gradient(&loss, d, Loss::kCrossEntropy, 1, z, &aim, 1, classes);
  if (!towards) return loss;
  std::transform(d, d + classes, d, std::negate<>());
  return -loss;
}

// The classes of the four largest logits, largest first; of equals the first.
std::array<int, 4> top_four(const float* z, int classes) {
  std::array<int, 4> top;
  int found = 0;
  for (int k = 0; k < classes; ++k) {
    const auto end = top.begin() + found;
    const auto place = std::find_if(top.begin(), end, [&](int other) { return z[k] > z[other]; });
    if (place == top.end()) continue;
    found = std::min(found + 1, 4);
    std::copy_backward(place, top.begin() + found - 1, top.begin() + found);
    *place = k;
  }
  return top;
}

// -(z_label - z_target) / (z_1st - (z_3rd + z_4th) / 2).
float targeted_dlr(float* d, const float* z, int classes, int label, int target) {
  assert(classes >= 4);
  const auto [first, second, third, fourth] = top_four(z, classes);
  const float scale = z[first] - 0.5F * (z[third] + z[fourth]) + 1e-12F;
  const float gap = z[label] - z[target];
  std::fill_n(d, classes, 0.0F);
  d[label] -= 1 / scale;
  d[target] += 1 / scale;
  const float slope = gap / (scale * scale);
  d[first] += slope;
  d[third] -= 0.5F * slope;
  d[fourth] -= 0.5F * slope;
  return -gap / scale;
}

}  // namespace

float apgd_loss(float* d, ApgdLoss loss, const Criterion& criterion, const float* logits,
                int classes, int label, int target) {
  const bool ratio = loss == ApgdLoss::kTargetedDlr, sure = criterion.confidence > 0;
  if (ratio && !sure) return targeted_dlr(d, logits, classes, label, target);
  if (ratio) return cross_entropy(d, logits, classes, target, true);
  if (!criterion.target && !sure) return cross_entropy(d, logits, classes, label, false);
  const int goal = goal_of(criterion, logits, classes, label);
  return cross_entropy(d, logits, classes, goal, true);
}

}  // namespace inoculate
