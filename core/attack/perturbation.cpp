#include "attack/perturbation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include "attack/box_projection.h"
#include "base/buffer.h"
#include "base/parallel.h"
#include "base/sign.h"

namespace inoculate {
namespace {

double length_of(const float* x, int size) {
  double squares = 0;
  for (int j = 0; j < size; ++j) squares += static_cast<double>(x[j]) * x[j];
  return std::sqrt(squares);
}

// Takes all changes back but the largest, as many as `most` allows; of equals the first are kept.
void keep_largest(float* x, const float* image, int size, float most) {
  if (!(most < static_cast<float>(size))) return;
  std::vector<int> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  const auto kept = order.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(order.begin(), kept, order.end(), [&](int a, int b) {
    const float change_a = std::abs(x[a] - image[a]), change_b = std::abs(x[b] - image[b]);
    return change_a > change_b || (change_a == change_b && a < b);
  });
  std::for_each(kept, order.end(), [&](int j) { x[j] = image[j]; });
}

}  // namespace

float distance(const float* x, const float* y, int size, Norm norm) {
  double squares = 0, sum = 0;
  float largest = 0;
  int changed = 0;
  for (int j = 0; j < size; ++j) {
    const float change = x[j] - y[j];
    squares += static_cast<double>(change) * change;
    sum += static_cast<double>(std::abs(change));
    largest = std::max(largest, std::abs(change));
    changed += change != 0;
  }
  switch (norm) {
    case Norm::kLinf:
      return largest;
    case Norm::kL2:
      return static_cast<float>(std::sqrt(squares));
    case Norm::kL1:
      return static_cast<float>(sum);
    case Norm::kL0:
      return static_cast<float>(changed);
  }
  return 0;
}

void step_along(float* x, const float* from, const float* gradient, int size, Norm norm,
                float length) {
  assert(norm == Norm::kLinf || norm == Norm::kL2);
  if (norm == Norm::kLinf) {
    for (int j = 0; j < size; ++j) x[j] = from[j] + length * sign_of(gradient[j]);
  } else {
    const auto steepness = static_cast<float>(length_of(gradient, size));
    const float scale = steepness > 0 ? length / steepness : 0.0F;
    for (int j = 0; j < size; ++j) x[j] = from[j] + scale * gradient[j];
  }
}

void clip(float* x, int size, const std::optional<ValueRange>& range) {
  if (!range) return;
  const auto [low, high] = *range;
  for (int j = 0; j < size; ++j) x[j] = std::min(std::max(x[j], low), high);
}

void project(float* x, const float* image, int size, const ThreatModel& threat) {
  const float epsilon = threat.epsilon;
  if (threat.norm == Norm::kL0) keep_largest(x, image, size, epsilon);
  if (threat.norm == Norm::kL1) {
    project_onto_l1_ball(x, image, size, epsilon, threat.range);
    return;
  }
  if (threat.norm == Norm::kLinf) {
    for (int j = 0; j < size; ++j) {
      x[j] = image[j] + std::min(std::max(x[j] - image[j], -epsilon), epsilon);
    }
  } else if (threat.norm == Norm::kL2) {
    const float length = distance(x, image, size, Norm::kL2);
    if (length > epsilon) {
      const float scale = epsilon / length;
      for (int j = 0; j < size; ++j) x[j] = image[j] + scale * (x[j] - image[j]);
    }
  }
  clip(x, size, threat.range);
}

void random_start(float* x, const float* image, int size, const ThreatModel& threat, Rng& rng) {
  assert(threat.norm == Norm::kLinf || threat.norm == Norm::kL2);
  if (!std::isfinite(threat.epsilon)) {
    std::copy_n(image, size, x);
    return;
  }
  if (threat.norm == Norm::kLinf) {
    for (int j = 0; j < size; ++j) {
      x[j] = image[j] + threat.epsilon * static_cast<float>(2 * rng.uniform() - 1);
    }
  } else {
    // A normal vector has a uniform direction, and a ball has u of its volume within radius
    // u^(1/size).
    std::vector<float> direction(static_cast<std::size_t>(size));
    for (float& d : direction) d = static_cast<float>(rng.normal());
    const double radius = threat.epsilon * std::pow(rng.uniform(), 1.0 / size);
    step_along(x, image, direction.data(), size, Norm::kL2, static_cast<float>(radius));
  }
  clip(x, size, threat.range);
}

void random_at(float* x, const float* image, int size, Norm norm, float length, Rng& rng) {
  const bool linf = norm == Norm::kLinf;
  std::vector<float> direction(static_cast<std::size_t>(size));
  double drawn = 0;
  for (float& d : direction) {
    d = static_cast<float>(linf ? 2 * rng.uniform() - 1 : rng.normal());
    const double m = std::abs(d);
    drawn = linf ? std::max(drawn, m) : drawn + (norm == Norm::kL1 ? m : m * m);
  }
  if (norm == Norm::kL2) drawn = std::sqrt(drawn);
  const auto scale = static_cast<float>(length / std::max(drawn, 1e-12));
  for (int j = 0; j < size; ++j) x[j] = image[j] + scale * direction[static_cast<std::size_t>(j)];
}

void smooth(float* gradient, Shape shape) {
  thread_local FloatBuffer buffer;
  // Along the rows, then along the columns: neighbours lie `stride` apart in lines of `length`.
  const auto along = [&](float* to, const float* from, int length, int stride) {
    for (const float* end = from + shape.size(); from < end; from += length, to += length) {
      for (int i = 0; i < length; ++i) to[i] = 2 * from[i];
      for (int i = stride; i < length; ++i) to[i] += from[i - stride];
      for (int i = stride; i < length; ++i) to[i - stride] += from[i];
      for (int i = 0; i < length; ++i) to[i] /= 4;
    }
  };
  float* between = room_for(buffer, static_cast<std::size_t>(shape.size()));
  along(between, gradient, shape.w * shape.c, shape.c);
  along(gradient, between, shape.size(), shape.w * shape.c);
}

void for_each_row(int n, const std::function<void(int)>& body) {
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    for (int i = part_begin(n, parts, part); i < part_begin(n, parts, part + 1); ++i) body(i);
  });
}

}  // namespace inoculate
