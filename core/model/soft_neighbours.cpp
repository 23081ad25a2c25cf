#include "model/soft_neighbours.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/parallel.h"

namespace inoculate {
namespace {

constexpr int kImages = 32;  // whose distances from all training images are there at once, a thread

}  // namespace

SoftNeighbours::SoftNeighbours(const NeighboursClassifier& hard, double temperature)
    : hard_(hard), temperature_(temperature), spec_(hard.spec()) {
  spec_.gives = Knowledge::kGradients;
  spec_.kind = ModelKind::kOther;
}

Matrix SoftNeighbours::distances_of(ConstMatrixRef images) const {
  Matrix squares;
  hard_.squared_distances(squares, images, 0, static_cast<int>(hard_.model().images.rows()));
  return squares;
}

void SoftNeighbours::class_logits(float* logits, const float* squares) const {
  const Labels& labels = hard_.model().labels;
  const auto classes = static_cast<std::size_t>(spec_.classes);
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::vector<double> nearest(classes, kFar), sums(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double& least = nearest[static_cast<std::size_t>(labels[i])];
    least = std::min(least, static_cast<double>(squares[i]));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto k = static_cast<std::size_t>(labels[i]);
    sums[k] += std::exp((nearest[k] - static_cast<double>(squares[i])) / temperature_);
  }
  for (std::size_t k = 0; k < classes; ++k) {
    logits[k] = nearest[k] == kFar
                    ? kNever
                    : static_cast<float>(std::log(sums[k]) - nearest[k] / temperature_);
  }
}

// A class's logit moves towards the mean of its images by their weights: 2 / temperature times
// (mean - image).
void SoftNeighbours::gradient_of(float* gradient, const float* d_logits, const float* logits,
                                 const float* squares, const float* image) const {
  constexpr double kLeastWeight = 1e-9;  // of those of a class, which add up to 1
  const Neighbours& model = hard_.model();
  const Eigen::Index size = model.images.cols();
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(size);
  double drawn = 0;
  for (std::size_t i = 0; i < model.labels.size(); ++i) {
    const int k = model.labels[i];
    const double weight =
        std::exp(-static_cast<double>(squares[i]) / temperature_ - static_cast<double>(logits[k]));
    if (weight < kLeastWeight) continue;
    const double share = weight * static_cast<double>(d_logits[k]);
    drawn += share;
    sum += share * model.images.row(static_cast<Eigen::Index>(i)).transpose().cast<double>();
  }
  sum -= drawn * Eigen::Map<const Eigen::VectorXf>(image, size).cast<double>();
  Eigen::Map<Eigen::VectorXf>(gradient, size) = (2 / temperature_ * sum).cast<float>();
}

Matrix SoftNeighbours::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  const auto n = static_cast<int>(images.rows());
  parallel_for((n + kImages - 1) / kImages, [&](int part) {
    const int begin = part * kImages, count = std::min(kImages, n - begin);
    const Matrix squares = distances_of(images.middleRows(begin, count));
    for (int i = 0; i < count; ++i) {
      class_logits(logits.row(begin + i).data(), squares.row(i).data());
    }
  });
  return logits;
}

void SoftNeighbours::gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                               std::span<const LogitGradient> objectives) const {
  for (Matrix& gradient : gradients) gradient.resize(images.rows(), images.cols());
  if (logits != nullptr) logits->resize(images.rows(), spec_.classes);
  const auto n = static_cast<int>(images.rows());
  parallel_for((n + kImages - 1) / kImages, [&](int part) {
    const int begin = part * kImages, count = std::min(kImages, n - begin);
    const Matrix squares = distances_of(images.middleRows(begin, count));
    Matrix some(count, spec_.classes), d_logits(count, spec_.classes);
    for (int i = 0; i < count; ++i) class_logits(some.row(i).data(), squares.row(i).data());
    if (logits != nullptr) logits->middleRows(begin, count) = some;
    for (std::size_t o = 0; o < objectives.size(); ++o) {
      objectives[o](d_logits.data(), some.data(), begin, count);
      for (int i = 0; i < count; ++i) {
        gradient_of(gradients[o].row(begin + i).data(), d_logits.row(i).data(), some.row(i).data(),
                    squares.row(i).data(), images.row(begin + i).data());
      }
    }
  });
}

}  // namespace inoculate
