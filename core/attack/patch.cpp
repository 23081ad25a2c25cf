#include "attack/patch.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "attack/gradients.h"
#include "attack/nearest.h"
#include "base/error.h"
#include "nn/adam.h"

namespace inoculate {
namespace {

// The patch, and how it lies on an image.
struct Patch {
  Shape image, shape;
  Matrix values;  // [1, shape.size()]

  // Calls body(value of the image, value of the patch) for each value that it covers.
  template <class Body>
  void for_each_value(Place at, const Body& body) const {
    const int width = shape.w * shape.c;
    for (int row = 0; row < shape.h; ++row) {
      const int to = ((at.row + row) * image.w + at.column) * image.c;
      for (int j = 0; j < width; ++j) body(to + j, row * width + j);
    }
  }
  void paste(float* x, Place at) const {
    for_each_value(at, [&](int to, int from) { x[to] = values(0, from); });
  }
};

Place drawn_place(const Patch& patch, const PatchOptions& options, Rng& rng) {
  if (options.at) return *options.at;
  const auto below = [&](int bound) {
    return static_cast<int>(rng.below(static_cast<std::uint32_t>(bound)));
  };
  const int row = below(patch.image.h - patch.shape.h + 1);
  return {row, below(patch.image.w - patch.shape.w + 1)};
}

void require_inside(const Patch& patch, const PatchOptions& options) {
  if (!options.at) return;
  const auto [row, column] = *options.at;
  if (row >= 0 && column >= 0 && row <= patch.image.h - patch.shape.h &&
      column <= patch.image.w - patch.shape.w) {
    return;
  }
  throw Error("a patch of " + std::to_string(patch.shape.h) + "x" + std::to_string(patch.shape.w) +
              " at row " + std::to_string(row) + ", column " + std::to_string(column) +
              " does not lie within images of " + std::to_string(patch.image.h) + "x" +
              std::to_string(patch.image.w));
}

// The sum over a batch of the gradients with respect to the patch, of what is to fall.
Matrix gradient_of(const AttackTask& part, const Patch& patch, const std::vector<Place>& places) {
  Matrix x = part.images;
  for (int i = 0; i < part.size(); ++i) {
    patch.paste(x.row(i).data(), places[static_cast<std::size_t>(i)]);
  }
  Matrix ascent;
  objective_gradients(ascent, nullptr, part.model, x,
                      criterion_objective(Loss::kCrossEntropy, part));
  Matrix sum = Matrix::Zero(1, patch.values.cols());
  for (int i = 0; i < part.size(); ++i) {
    patch.for_each_value(places[static_cast<std::size_t>(i)],
                         [&](int to, int from) { sum(0, from) -= ascent(i, to); });
  }
  return sum;
}

// Adam on the patch alone.
struct Optimizer {
  Matrix first, second;
  int steps = 0;

  void step(Matrix& values, const Matrix& gradient, float length) {
    ++steps;
    first = kAdamBeta1 * first + (1 - kAdamBeta1) * gradient;
    second = kAdamBeta2 * second + (1 - kAdamBeta2) * gradient.cwiseAbs2();
    const float correct1 = 1 - std::pow(kAdamBeta1, static_cast<float>(steps));
    const float correct2 = 1 - std::pow(kAdamBeta2, static_cast<float>(steps));
    const auto root = (second / correct2).array().sqrt() + 1e-8F;
    values.array() -= length * (first / correct1).array() / root;
  }
};

}  // namespace

int patch_side(float size, Shape shape) {
  const double area = static_cast<double>(size) * shape.h * shape.w;
  return std::clamp(static_cast<int>(std::lround(std::sqrt(area))), 1, std::min(shape.h, shape.w));
}

AttackResult patch(const AttackTask& task, const PatchOptions& options, Rng& rng,
                   const OnAttackProgress& on_progress) {
  assert(task.targets.empty() && options.size > 0 && options.size <= 1);
  const ValueRange range = task.threat.range.value_or(ValueRange{});
  const Shape image = task.model.spec().input;
  const int side = patch_side(options.size, image);
  Patch patch{image, {side, side, image.c}, {}};
  require_inside(patch, options);
  patch.values = Matrix::Constant(1, patch.shape.size(), (range.low + range.high) / 2);
  Optimizer adam{Matrix::Zero(1, patch.shape.size()), Matrix::Zero(1, patch.shape.size())};
  std::vector<Rng> generators = image_generators(task, rng);
  std::vector<std::int32_t> order(task.labels.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<AttackCalls> calls(order.size());
  bool cancelled = false;
  for (int step = 0; step < options.steps && task.size() > 0 && !cancelled; ++step) {
    rng.shuffle(order);
    const int n = std::min(task.size(), options.batch_size);
    const TaskPart part(task, {order.begin(), order.begin() + n});
    std::vector<Place> places;
    for (int i = 0; i < n; ++i) {
      places.push_back(drawn_place(patch, options, rng));
      ++calls[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])].gradient;
    }
    const float first = options.step_size * (range.high - range.low);
    adam.step(patch.values, gradient_of(part.task, patch, places),
              cosine_between(first, first / 10, step, options.steps));
    patch.values = patch.values.cwiseMax(range.low).cwiseMin(range.high);
    cancelled = on_progress && !on_progress({step + 1, options.steps, 0, task.size()});
  }
  if (range.low == 0 && range.high == 1) {
    patch.values = patch.values.unaryExpr([](float v) { return std::round(255 * v) / 255; });
  }
  Matrix adversaries = task.images;
  for (int i = 0; i < task.size(); ++i) {
    patch.paste(adversaries.row(i).data(),
                drawn_place(patch, options, generators[static_cast<std::size_t>(i)]));
  }
  AttackResult result = judge_adversaries(task, std::move(adversaries), std::move(calls));
  result.cancelled = cancelled;
  result.pattern = std::move(patch.values);
  result.pattern_shape = patch.shape;
  return result;
}

AttackMethod patch_method() {
  return {"patch",
          "one picture that is pasted into all images",
          "Brown et al. 2017",
          {Norm::kL0},
          Knowledge::kGradients,
          kTargetBit | kConfidenceFilterBit | kStepsBit | kTogetherBit | kOneForAllBit | kPatchBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            PatchOptions method;
            method.steps = common.steps.value_or(method.steps);
            method.size = common.patch_size.value_or(method.size);
            method.at = common.patch_at;
            return patch(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
