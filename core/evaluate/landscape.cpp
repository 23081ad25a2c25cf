#include "evaluate/landscape.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attack/gradients.h"
#include "base/finite.h"
#include "base/parallel.h"
#include "nn/loss.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

LossPoint point_at(const WeightedModel& model, std::span<const float> values, ConstMatrixRef images,
                   const Labels& labels) {
  const Matrix logits = model.logits(values, images);
  const int n = static_cast<int>(logits.rows()), classes = static_cast<int>(logits.cols());
  if (!all_finite(logits.data(), n * classes)) {
    return {std::numeric_limits<double>::infinity(), 0};
  }
  std::vector<float> losses(static_cast<std::size_t>(n));
  loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1.0F, logits.data(), labels.data(),
                    n, classes);
  const Labels read = most_likely(logits);
  int right = 0;
  for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == labels[i] ? 1 : 0;
  return {std::accumulate(losses.begin(), losses.end(), 0.0) / n, static_cast<double>(right) / n};
}

LossPoint point_along(const WeightedModel& model, ConstMatrixRef images, const Labels& labels,
                      const std::vector<float>& first, const std::vector<float>& second, double a,
                      double b) {
  const auto own = model.values();
  std::vector<float> values(own.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(own[i] + a * first[i] + b * second[i]);
  }
  return point_at(model, values, images, labels);
}

// Calls body(i) for all points in parallel, a few at a time.
void for_each_point(int total, const OnGridProgress& on_progress,
                    const std::function<void(int)>& body) {
  constexpr int kAtOnce = 32;
  for (int begin = 0; begin < total; begin += kAtOnce) {
    const int n = std::min(kAtOnce, total - begin);
    parallel_for(n, [&](int i) { body(begin + i); });
    if (on_progress && !on_progress(begin + n, total)) return;
  }
}

}  // namespace

double grid_coordinate(int i, int side, double range) {
  // Exactly 0 in the middle.
  return range * (2.0 * i - (side - 1)) / (side - 1);
}

std::vector<float> filter_direction(const WeightedModel& model, Rng& rng) {
  const auto values = model.values();
  std::vector<float> direction(values.size());
  std::vector<double> drawn;
  for (const WeightFilter& filter : model.filters()) {
    drawn.resize(filter.count);
    double own = 0, length = 0;
    for (std::size_t k = 0; k < filter.count; ++k) {
      const double value = values[filter.first + k * filter.stride];
      drawn[k] = rng.normal();
      own += value * value;
      length += drawn[k] * drawn[k];
    }
    const double scale = length > 0 ? std::sqrt(own / length) : 0;
    for (std::size_t k = 0; k < filter.count; ++k) {
      direction[filter.first + k * filter.stride] = static_cast<float>(scale * drawn[k]);
    }
  }
  return direction;
}

std::vector<LossPoint> weight_landscape(const WeightedModel& model, ConstMatrixRef images,
                                        const Labels& labels, const std::vector<float>& first,
                                        const std::vector<float>& second, int side, double range,
                                        const OnGridProgress& on_progress) {
  std::vector<LossPoint> points(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for_each_point(side * side, on_progress, [&](int i) {
    points[static_cast<std::size_t>(i)] =
        point_along(model, images, labels, first, second, grid_coordinate(i % side, side, range),
                    grid_coordinate(i / side, side, range));
  });
  return points;
}

double telling_range(const WeightedModel& model, ConstMatrixRef images, const Labels& labels,
                     const std::vector<float>& first, const std::vector<float>& second) {
  constexpr double kLargest = 4;
  const double middle = point_at(model, model.values(), images, labels).loss;
  const double enough = std::max(std::log(model.classes()), 2 * middle);
  for (double range = 0.1; range < kLargest; range *= std::sqrt(2.0)) {
    double losses[4] = {};
    parallel_for(4, [&](int i) {
      const double end = i % 2 == 0 ? range : -range;
      losses[i] =
          point_along(model, images, labels, first, second, i < 2 ? end : 0, i < 2 ? 0 : end).loss;
    });
    if (std::accumulate(losses, losses + 4, 0.0) / 4 >= enough) return range;
  }
  return kLargest;
}

std::vector<LossPoint> loss_between(const WeightedModel& from, const WeightedModel& to,
                                    ConstMatrixRef images, const Labels& labels, int count,
                                    const OnGridProgress& on_progress) {
  std::vector<LossPoint> points(static_cast<std::size_t>(count));
  const auto begin = from.values(), end = to.values();
  for_each_point(count, on_progress, [&](int i) {
    const double t = static_cast<double>(i) / (count - 1);
    std::vector<float> values(begin.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      values[k] = static_cast<float>((1 - t) * begin[k] + t * end[k]);
    }
    points[static_cast<std::size_t>(i)] = point_at(from, values, images, labels);
  });
  return points;
}

ImageDirections image_directions(const Classifier& model, ConstMatrixRef image, int label,
                                 Rng& rng) {
  const Labels labels{label};
  Matrix gradient;
  objective_gradients(gradient, nullptr, model, image,
                      loss_objective(Loss::kCrossEntropy, labels, model.spec().classes));
  const auto size = static_cast<std::size_t>(image.cols());
  ImageDirections directions{std::vector<float>(size), std::vector<float>(size)};
  std::vector<std::int32_t> moved;
  for (std::size_t i = 0; i < size; ++i) {
    const float slope = gradient(0, static_cast<Eigen::Index>(i));
    directions.sign[i] = static_cast<float>((slope > 0) - (slope < 0));
    if (directions.sign[i] != 0) {
      moved.push_back(static_cast<std::int32_t>(i));
    } else {
      directions.other[i] = rng.below(2) == 0 ? 1.0F : -1.0F;
    }
  }
  // Half of the others agree and half do not; of an odd number one is left out.
  rng.shuffle(moved);
  for (std::size_t k = 0; k + 1 < moved.size(); k += 2) {
    const auto a = static_cast<std::size_t>(moved[k]), b = static_cast<std::size_t>(moved[k + 1]);
    directions.other[a] = directions.sign[a];
    directions.other[b] = -directions.sign[b];
  }
  return directions;
}

std::vector<ImagePoint> image_landscape(const Classifier& model, ConstMatrixRef image, int label,
                                        const ImageDirections& directions, int side, double range,
                                        const OnGridProgress& on_progress) {
  const ModelSpec& spec = model.spec();
  const int total = side * side, at_once = std::min(images_in_slice(spec), 1024);
  std::vector<ImagePoint> points(static_cast<std::size_t>(total));
  for (int begin = 0; begin < total; begin += at_once) {
    const int n = std::min(at_once, total - begin);
    Matrix images(n, image.cols());
    for (int i = 0; i < n; ++i) {
      const double a = grid_coordinate((begin + i) % side, side, range);
      const double b = grid_coordinate((begin + i) / side, side, range);
      for (Eigen::Index k = 0; k < image.cols(); ++k) {
        const auto p = static_cast<std::size_t>(k);
        const double moved = image(0, k) + a * directions.sign[p] + b * directions.other[p];
        images(i, k) = std::clamp(static_cast<float>(moved), spec.range.low, spec.range.high);
      }
    }
    Matrix logits = model.logits(images);
    const Labels read = most_likely(logits), labels(static_cast<std::size_t>(n), label);
    std::vector<float> losses(static_cast<std::size_t>(n));
    loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1.0F, logits.data(),
                      labels.data(), n, spec.classes);
    softmax(logits.data(), logits.data(), n, spec.classes);
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      points[static_cast<std::size_t>(begin) + k] = {read[k], logits(i, read[k]), losses[k]};
    }
    if (on_progress && !on_progress(begin + n, total)) break;
  }
  return points;
}

}  // namespace inoculate
