#include "native/landscape_run.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "native/commands.h"
#include "native/interrupt.h"

namespace inoculate {
namespace {

// Tells how far the work has come, and ends it on Ctrl-C.
OnGridProgress watched(Progress& progress, int before, int models) {
  return [&progress, before, models](int done, int total) {
    progress.step(static_cast<std::int64_t>(before) * total + done,
                  static_cast<std::int64_t>(models) * total);
    if (InterruptGuard::interrupted()) throw Interrupted("interrupted; nothing was written");
    return true;
  };
}

}  // namespace

WeightLandscapes weight_landscapes(const std::vector<LandscapeModel>& models,
                                   const LabelledImages& images, int side,
                                   std::optional<double> range, std::uint64_t seed,
                                   Progress& progress) {
  struct Directions {
    Matrix images;
    std::vector<float> first, second;
  };
  const InterruptGuard guard;
  progress.begin("Landscape of the weights");
  std::vector<Directions> all;
  double widest = 0;
  for (const LandscapeModel& model : models) {
    Rng rng(seed);
    std::vector<float> first = filter_direction(*model.weights, rng);
    std::vector<float> second = filter_direction(*model.weights, rng);
    all.push_back({model.prepared(images.images), std::move(first), std::move(second)});
    const Directions& d = all.back();
    if (!range) {
      widest = std::max(widest,
                        telling_range(*model.weights, d.images, images.labels, d.first, d.second));
    }
  }
  WeightLandscapes result{side, range.value_or(widest), static_cast<int>(images.labels.size()), {}};
  const int count = static_cast<int>(models.size());
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Directions& d = all[i];
    result.points.push_back(weight_landscape(*models[i].weights, d.images, images.labels, d.first,
                                             d.second, side, result.range,
                                             watched(progress, static_cast<int>(i), count)));
  }
  progress.done(std::to_string(count * side * side) + " points of " + std::to_string(result.n) +
                " images");
  return result;
}

ImageLandscapes image_landscapes(const std::vector<const Classifier*>& models, const Matrix& image,
                                 int label, int side, double range, double epsilon,
                                 std::uint64_t seed, Progress& progress) {
  const InterruptGuard guard;
  progress.begin("Landscape of the image");
  ImageLandscapes result{side, range, epsilon, label, {}};
  const int count = static_cast<int>(models.size());
  for (int i = 0; i < count; ++i) {
    const Classifier& model = *models[static_cast<std::size_t>(i)];
    if (model.spec().gives < Knowledge::kGradients) {
      throw Error(model.spec().name +
                  ": gives no gradients, and a landscape around an image "
                  "follows one");
    }
    Rng rng(seed);
    const ImageDirections directions = image_directions(model, image, label, rng);
    result.points.push_back(
        image_landscape(model, image, label, directions, side, range, watched(progress, i, count)));
  }
  progress.done(std::to_string(count * side * side) + " points");
  return result;
}

std::vector<LossPoint> losses_between(const LandscapeModel& from, const LandscapeModel& to,
                                      const LabelledImages& images, int count, Progress& progress) {
  if (!from.weights->same_form(*to.weights)) {
    throw Error(to.model->spec().name + ": is not of the same form as " + from.model->spec().name +
                ", and there is no line between them; take two networks of one architecture");
  }
  const InterruptGuard guard;
  progress.begin("Between the networks");
  auto points = loss_between(*from.weights, *to.weights, from.prepared(images.images),
                             images.labels, count, watched(progress, 0, 1));
  progress.done(std::to_string(count) + " points of " + std::to_string(images.labels.size()) +
                " images");
  return points;
}

}  // namespace inoculate
