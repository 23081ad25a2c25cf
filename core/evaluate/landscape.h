// The loss around a network's weights, on the line between two networks, and around an image.
//
// Li, Xu, Taylor, Studer & Goldstein, "Visualizing the Loss Landscape of Neural Nets", 2018, and
// for the line Goodfellow, Vinyals & Saxe, "Qualitatively characterizing neural network
// optimization problems", 2015.
#pragma once

#include <functional>
#include <vector>

#include "base/rng.h"
#include "base/shapes.h"
#include "evaluate/weighted_model.h"
#include "model/classifier.h"

namespace inoculate {

/// What a network makes of labelled images.
struct LossPoint {
  double loss = 0;      ///< mean cross-entropy; infinite where a logit is not finite
  double accuracy = 0;  ///< 0..1
};

/// Where point `i` of `side` lies between -range and range.
double grid_coordinate(int i, int side, double range);

/// Called now and then with how many of how many points are done; false stops, and the points that
/// are left keep a loss of 0.
using OnGridProgress = std::function<bool(int done, int total)>;

/// A random Gaussian direction in the space of the model's values, each filter of it as long as the
/// model's own (Li et al., section 4). Biases and normalisation have no part in it.
std::vector<float> filter_direction(const WeightedModel& model, Rng& rng);

/// Loss and accuracy on images [N, input] with `labels` [N] of the weights moved by
/// a * first + b * second: points[row * side + column], where a is the coordinate of the column
/// and b that of the row.
std::vector<LossPoint> weight_landscape(const WeightedModel& model, ConstMatrixRef images,
                                        const Labels& labels, const std::vector<float>& first,
                                        const std::vector<float>& second, int side, double range,
                                        const OnGridProgress& on_progress = nullptr);

/// A range for it at whose ends the network has forgotten what it knew: the first of 0.1, 0.14, 0.2
/// ... 4 where the mean loss at the four ends of the axes is that of guessing (or, where the loss
/// is above half of that in the middle, twice the middle's).
double telling_range(const WeightedModel& model, ConstMatrixRef images, const Labels& labels,
                     const std::vector<float>& first, const std::vector<float>& second);

/// Loss and accuracy of (1 - t) times the values of `from` plus t times those of `to`, which are of
/// the same form, at `count` equidistant t from 0 to 1. Biases and normalisation move, too.
std::vector<LossPoint> loss_between(const WeightedModel& from, const WeightedModel& to,
                                    ConstMatrixRef images, const Labels& labels, int count,
                                    const OnGridProgress& on_progress = nullptr);

/// Two directions of an image: the sign of the loss's gradient at it, and signs drawn at random
/// that agree with it in as many pixels as not. They are orthogonal, and a point a * sign + b *
/// other is |a| + |b| away from the image in L-inf.
struct ImageDirections {
  std::vector<float> sign, other;  ///< [input]: -1, 0 or 1
};

/// The model must give gradients; `image` is [1, input].
ImageDirections image_directions(const Classifier& model, ConstMatrixRef image, int label,
                                 Rng& rng);

/// What is read at one point.
struct ImagePoint {
  int label = 0;
  double confidence = 0;  ///< the probability of that class
  double loss = 0;        ///< cross-entropy at the true class
};

/// The image moved by a * sign + b * other, clipped to the range of valid pixels; laid out as
/// weight_landscape.
std::vector<ImagePoint> image_landscape(const Classifier& model, ConstMatrixRef image, int label,
                                        const ImageDirections& directions, int side, double range,
                                        const OnGridProgress& on_progress = nullptr);

}  // namespace inoculate
