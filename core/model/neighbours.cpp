#include "model/neighbours.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

constexpr int kImages = 32;       // that are compared at once
constexpr int kSlice = 4096;      // training images that they are compared with at once
constexpr std::size_t kOver = 8;  // candidates besides the k nearest, as single precision has them

struct Candidate {
  double square;
  int number;
  bool operator<(const Candidate& other) const {
    return square != other.square ? square < other.square : number < other.number;
  }
};

void check(const Neighbours& model, const std::string& name) {
  const auto n = model.images.rows();
  if (n < 1 || static_cast<std::size_t>(n) != model.labels.size() ||
      model.images.cols() != model.input.size()) {
    throw Error(name + ": its training images and their labels do not fit together");
  }
  if (model.k < 1 || model.k > n) {
    throw Error(name + ": asks " + std::to_string(model.k) + " neighbours of " + std::to_string(n) +
                " training images");
  }
  for (const std::int32_t label : model.labels) {
    if (label < 0 || label >= model.classes) {
      throw Error(name + ": has a training image of class " + std::to_string(label) +
                  "; its classes are 0 to " + std::to_string(model.classes - 1));
    }
  }
}

double exact_square(const float* x, const float* y, int size) {
  double sum = 0;
  for (int j = 0; j < size; ++j) {
    const double change = static_cast<double>(x[j]) - static_cast<double>(y[j]);
    sum += change * change;
  }
  return sum;
}

}  // namespace

NeighboursClassifier::NeighboursClassifier(Neighbours model, std::string name,
                                           std::vector<std::string> class_names)
    : model_(std::move(model)) {
  check(model_, name);
  lengths_ = model_.images.rowwise().squaredNorm();
  spec_.name = std::move(name);
  spec_.input = model_.input;
  spec_.classes = model_.classes;
  spec_.class_names = std::move(class_names);
  spec_.gives = Knowledge::kProbabilities;
  spec_.kind = ModelKind::kNeighbours;
}

void NeighboursClassifier::squared_distances(Matrix& squares, ConstMatrixRef images, int begin,
                                             int count) const {
  const auto n = static_cast<int>(images.rows());
  squares.resize(n, count);
  std::vector<float*> to;
  std::vector<const float*> from;
  for (int i = 0; i < n; ++i) {
    to.push_back(squares.row(i).data());
    from.push_back(images.row(i).data());
  }
  const auto size = static_cast<int>(images.cols());
  multiply_rows_by_transposed(to.data(), from.data(), model_.images.row(begin).data(), size, n,
                              count, size);
  for (int i = 0; i < n; ++i) {
    const float length = images.row(i).squaredNorm();
    squares.row(i) =
        ((length - 2 * squares.row(i).array()) + lengths_.segment(begin, count).transpose().array())
            .max(0);
  }
}

std::vector<std::vector<int>> NeighboursClassifier::nearest(ConstMatrixRef images) const {
  const auto n = static_cast<int>(images.rows());
  const auto all = static_cast<int>(model_.images.rows());
  const auto k = static_cast<std::size_t>(model_.k);
  // Heaps whose first is the farthest.
  std::vector<std::vector<Candidate>> near(static_cast<std::size_t>(n));
  Matrix squares;
  for (int begin = 0; begin < all; begin += kSlice) {
    const int count = std::min(kSlice, all - begin);
    squared_distances(squares, images, begin, count);
    for (int i = 0; i < n; ++i) {
      auto& heap = near[static_cast<std::size_t>(i)];
      for (int j = 0; j < count; ++j) {
        const Candidate one{static_cast<double>(squares(i, j)), begin + j};
        if (heap.size() == k + kOver) {
          if (!(one < heap.front())) continue;
          std::pop_heap(heap.begin(), heap.end());
          heap.pop_back();
        }
        heap.push_back(one);
        std::push_heap(heap.begin(), heap.end());
      }
    }
  }
  std::vector<std::vector<int>> result(near.size());
  for (std::size_t i = 0; i < near.size(); ++i) {
    for (Candidate& one : near[i]) {
      one.square = exact_square(images.row(static_cast<Eigen::Index>(i)).data(),
                                model_.images.row(one.number).data(), model_.input.size());
    }
    std::sort(near[i].begin(), near[i].end());
    for (std::size_t j = 0; j < k; ++j) result[i].push_back(near[i][j].number);
  }
  return result;
}

Matrix NeighboursClassifier::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  const auto n = static_cast<int>(images.rows());
  parallel_for((n + kImages - 1) / kImages, [&](int part) {
    const int begin = part * kImages, count = std::min(kImages, n - begin);
    const auto neighbours = nearest(images.middleRows(begin, count));
    for (int i = 0; i < count; ++i) {
      Eigen::ArrayXd votes = Eigen::ArrayXd::Zero(spec_.classes);
      for (const int number : neighbours[static_cast<std::size_t>(i)]) {
        ++votes[model_.labels[static_cast<std::size_t>(number)]];
      }
      logits.row(begin + i) =
          (votes / model_.k).max(kLeastProbability).log().cast<float>().matrix().transpose();
    }
  });
  return logits;
}

void NeighboursClassifier::gradients(std::span<Matrix>, Matrix*, ConstMatrixRef,
                                     std::span<const LogitGradient>) const {
  throw Error(spec_.name +
              ": asks nearest neighbours, which have no gradients; take what needs none");
}

}  // namespace inoculate
