// Landscapes of the loss, as the command and the chapter's page make them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "evaluate/landscape.h"
#include "native/landscape_model.h"
#include "native/mnist.h"
#include "native/progress.h"
#include "pictures/landscape.h"

namespace inoculate {

/// The loss around weights: of each model its own, over the same range.
struct WeightLandscapes {
  int side = 0;
  double range = 0;
  int n = 0;  ///< images
  std::vector<std::vector<LossPoint>> points;
};

/// The range, if none is given, is the largest of those that telling_range() finds. Directions
/// follow from the seed: for networks of one form they are the same but for their lengths. Throws
/// Interrupted on Ctrl-C.
WeightLandscapes weight_landscapes(const std::vector<LandscapeModel>& models,
                                   const LabelledImages& images, int side,
                                   std::optional<double> range, std::uint64_t seed,
                                   Progress& progress);

/// What is read around an image.
struct ImageLandscapes {
  int side = 0;
  double range = 0, epsilon = 0;
  int label = 0;
  std::vector<std::vector<ImagePoint>> points;
};

/// The directions of each model are those of its own gradient. Throws Interrupted on Ctrl-C, and
/// Error for a model that gives no gradients.
ImageLandscapes image_landscapes(const std::vector<const Classifier*>& models, const Matrix& image,
                                 int label, int side, double range, double epsilon,
                                 std::uint64_t seed, Progress& progress);

/// The loss on the line between two networks of one form, at `count` points. Throws Error where
/// they are not of one form, Interrupted on Ctrl-C.
std::vector<LossPoint> losses_between(const LandscapeModel& from, const LandscapeModel& to,
                                      const LabelledImages& images, int count, Progress& progress);

/// Each as CSV, a row a point.
Bytes landscape_csv(const WeightLandscapes& landscapes, const std::vector<std::string>& names);
Bytes landscape_csv(const ImageLandscapes& landscapes, const std::vector<std::string>& names,
                    const ModelSpec& model);
Bytes line_csv(const std::vector<LossPoint>& points);

/// Each as a picture; `settings` is its footer.
Canvas landscape_picture(const WeightLandscapes& landscapes, const std::vector<std::string>& names,
                         const std::string& settings);
Canvas landscape_picture(const ImageLandscapes& landscapes, const std::vector<std::string>& names,
                         const ModelSpec& model, const std::string& settings);
Canvas line_picture(const std::vector<LossPoint>& points, const std::string& from,
                    const std::string& to);

}  // namespace inoculate
