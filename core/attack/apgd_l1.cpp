#include "attack/apgd_l1.h"

#include <algorithm>
#include <cmath>

#include "attack/perturbation.h"

namespace inoculate {
namespace {

// All of them the authors' settings.
constexpr float kSparser = 0.95F;  // part of the changed values below which a point is sparser
constexpr float kDensity = 1.5F;   // a step moves the best point's changed values over this
constexpr float kShorten = 1.5F;   // by which steps become shorter
constexpr float kShortest = 0.1F;  // as a part of epsilon

int count_changed(const float* x, const float* image, int size) {
  return static_cast<int>(distance(x, image, size, Norm::kL0));
}

float density_of(int changed, int size) {
  return static_cast<float>(changed) / static_cast<float>(size) / kDensity;
}

}  // namespace

std::vector<ApgdStage> l1_stages(float epsilon, int steps) {
  const int each = 3 * steps / 10;
  std::vector<ApgdStage> stages;
  if (each > 0) stages = {{3 * epsilon, each}, {2 * epsilon, each}};
  stages.push_back({epsilon, steps - 2 * each});
  return stages;
}

void sparse_step(float* x, const float* from, const float* gradient, int size, float density,
                 float length) {
  std::vector<float> sizes(static_cast<std::size_t>(size));
  std::transform(gradient, gradient + size, sizes.begin(), [](float g) { return std::abs(g); });
  const int below =
      std::clamp(static_cast<int>((1 - density) * static_cast<float>(size)), 0, size - 1);
  std::nth_element(sizes.begin(), sizes.begin() + below, sizes.end());
  const float least = sizes[static_cast<std::size_t>(below)];
  const auto moves = [&](float g) { return g != 0 && std::abs(g) >= least; };
  const auto count = std::count_if(gradient, gradient + size, moves);
  const float each = count > 0 ? length / static_cast<float>(count) : 0.0F;
  for (int j = 0; j < size; ++j) {
    x[j] = from[j] + (moves(gradient[j]) ? std::copysign(each, gradient[j]) : 0.0F);
  }
}

SparseStep::SparseStep(float epsilon, const float* x, const float* image, int size)
    : length(epsilon), changed(count_changed(x, image, size)) {
  density = density_of(changed, size);
}

bool SparseStep::check(float epsilon, const float* best, const float* image, int size) {
  const int before = changed;
  changed = count_changed(best, image, size);
  density = density_of(changed, size);
  const bool sparser = static_cast<float>(changed) < kSparser * static_cast<float>(before);
  length = sparser ? epsilon : std::max(length / kShorten, kShortest * epsilon);
  return sparser;
}

}  // namespace inoculate
