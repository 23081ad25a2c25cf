#include "fit/linear_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "fit/lbfgs.h"

namespace inoculate {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Turns the logits of an image into the gradient of its loss, which it returns.
double logistic_loss(float* logits, int classes, int label) {
  double largest = static_cast<double>(logits[0]);
  for (int k = 1; k < classes; ++k) largest = std::max(largest, static_cast<double>(logits[k]));
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += std::exp(static_cast<double>(logits[k]) - largest);
  const double log_sum = largest + std::log(sum);
  const double loss = log_sum - static_cast<double>(logits[label]);
  for (int k = 0; k < classes; ++k) {
    const double p = std::exp(static_cast<double>(logits[k]) - log_sum);
    logits[k] = static_cast<float>(p - (k == label ? 1 : 0));
  }
  return loss;
}

double squared_hinge_loss(float* logits, int classes, int label) {
  double loss = 0;
  for (int k = 0; k < classes; ++k) {
    const double sign = k == label ? 1 : -1;
    const double gap = std::max(0.0, 1 - sign * static_cast<double>(logits[k]));
    loss += gap * gap;
    logits[k] = static_cast<float>(-2 * sign * gap);
  }
  return loss;
}

// The objective of all images, as a function of [input, classes] weights and [classes] biases.
class Objective {
 public:
  Objective(ConstMatrixRef images, const Labels& labels, int classes,
            const LinearFitOptions& options)
      : images_(images), labels_(labels), classes_(classes), loss_(options.loss) {
    // Two rows of a softmax hold weights of the same difference at half the cost of one row.
    const bool halved = classes == 2 && loss_ == LinearLoss::kLogistic;
    decay_ = (halved ? 2 : 1) / (options.c * static_cast<double>(images.rows()));
  }

  Eigen::Index weights() const { return images_.cols() * classes_; }

  double operator()(const Eigen::VectorXd& x, Eigen::VectorXd& gradient) const {
    const Matrix kernel =
        Eigen::Map<const RowMatrix>(x.data(), images_.cols(), classes_).cast<float>();
    const Eigen::RowVectorXf bias = x.tail(classes_).transpose().cast<float>();
    const auto n = static_cast<int>(images_.rows());
    const int parts = part_count(n);
    std::vector<double> losses(static_cast<std::size_t>(parts));
    std::vector<Eigen::VectorXd> sums(static_cast<std::size_t>(parts));
    parallel_for(parts, [&](int part) {
      const auto at = static_cast<std::size_t>(part);
      losses[at] = add_part(sums[at], kernel, bias, part_begin(n, parts, part),
                            part_begin(n, parts, part + 1));
    });
    gradient = Eigen::VectorXd::Zero(x.size());
    double loss = 0;
    for (std::size_t part = 0; part < sums.size(); ++part) {
      gradient += sums[part];
      loss += losses[part];
    }
    gradient /= n;
    const Eigen::Index held = loss_ == LinearLoss::kLogistic ? weights() : x.size();
    gradient.head(held) += decay_ * x.head(held);
    return loss / n + decay_ * x.head(held).squaredNorm() / 2;
  }

 private:
  // The loss of images begin .. end - 1, and its gradient: products in single precision, a few
  // images at a time, sums of them in double.
  double add_part(Eigen::VectorXd& gradient, const Matrix& kernel, const Eigen::RowVectorXf& bias,
                  int begin, int end) const {
    constexpr int kSlice = 256;
    gradient = Eigen::VectorXd::Zero(weights() + classes_);
    Eigen::Map<RowMatrix> d_kernel(gradient.data(), images_.cols(), classes_);
    Matrix logits;
    double loss = 0;
    for (int first = begin; first < end; first += kSlice) {
      const int n = std::min(kSlice, end - first);
      const auto some = images_.middleRows(first, n);
      logits.noalias() = some * kernel;
      logits.rowwise() += bias;
      for (int i = 0; i < n; ++i) {
        const int label = labels_[static_cast<std::size_t>(first + i)];
        float* row = logits.row(i).data();
        loss += loss_ == LinearLoss::kLogistic ? logistic_loss(row, classes_, label)
                                               : squared_hinge_loss(row, classes_, label);
      }
      d_kernel += (some.transpose() * logits).cast<double>();
      gradient.tail(classes_) += logits.cast<double>().colwise().sum().transpose();
    }
    return loss;
  }

  ConstMatrixRef images_;
  const Labels& labels_;
  int classes_;
  LinearLoss loss_;
  double decay_ = 0;
};

}  // namespace

LinearFit fit_linear(ConstMatrixRef images, const Labels& labels, const Shape& input, int classes,
                     const LinearFitOptions& options,
                     const std::function<bool(int, double)>& on_step) {
  const Objective objective(images, labels, classes, options);
  const LbfgsResult found =
      minimise(objective, Eigen::VectorXd::Zero(objective.weights() + classes),
               {options.steps, options.tolerance}, on_step);
  LinearFit fit;
  fit.model = {input, classes, {}, {}, options.loss == LinearLoss::kSquaredHinge};
  const Eigen::VectorXf x = found.x.cast<float>();
  fit.model.kernel.assign(x.begin(), x.end() - classes);
  fit.model.bias.assign(x.end() - classes, x.end());
  fit.objective = found.value;
  fit.steps = found.steps;
  fit.converged = found.converged;
  fit.cancelled = found.cancelled;
  return fit;
}

}  // namespace inoculate
