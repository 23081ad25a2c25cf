#include "attack/fgsm.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "nn/inference.h"

namespace inoculate {
namespace {

float sign(float x) { return static_cast<float>((x > 0) - (x < 0)); }

float length(const float* x, int size) {
  double squares = 0;
  for (int j = 0; j < size; ++j) squares += static_cast<double>(x[j]) * x[j];
  return static_cast<float>(std::sqrt(squares));
}

// Turns the gradient in `row` into the adversary of `image`.
void step(float* row, const float* image, int size, float direction, const ThreatModel& threat) {
  if (threat.norm == Norm::kLinf) {
    const float scale = direction * threat.epsilon;
    for (int j = 0; j < size; ++j) row[j] = image[j] + scale * sign(row[j]);
  } else {
    const float norm = length(row, size);
    const float scale = norm > 0 ? direction * threat.epsilon / norm : 0.0F;
    for (int j = 0; j < size; ++j) row[j] = image[j] + scale * row[j];
  }
  if (!threat.range) return;
  const auto [low, high] = *threat.range;
  for (int j = 0; j < size; ++j) row[j] = std::min(std::max(row[j], low), high);
}

}  // namespace

Matrix fgsm(const Network& network, ConstMatrixRef images, const Labels& labels,
            const FgsmOptions& options) {
  const auto& target = options.criterion.target;
  const float direction = target ? -1.0F : 1.0F;
  const Labels aims = target ? Labels(labels.size(), *target) : labels;
  Matrix adversaries = input_gradients(network, images, aims, options.loss);
  const int n = static_cast<int>(images.rows());
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    for (int i = part_begin(n, parts, part); i < part_begin(n, parts, part + 1); ++i) {
      step(adversaries.row(i).data(), images.row(i).data(), network.input_size(), direction,
           options.threat);
    }
  });
  return adversaries;
}

}  // namespace inoculate
