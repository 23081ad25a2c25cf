// Fitting linear models: logistic regression and linear support vector machines.
#pragma once

#include <functional>

#include "model/linear.h"

namespace inoculate {

enum class LinearLoss {
  /// Multinomial logistic regression: the softmax's cross-entropy. Its bias is free.
  kLogistic,
  /// Support vector machines, each class against the rest: the hinge, squared, of 1 less the logit
  /// with the class's sign (Cortes and Vapnik, "Support-vector networks", 1995; in this form Fan et
  /// al., "LIBLINEAR: a library for large linear classification", 2008, L2-loss). The bias is held
  /// small as the weights are, which is LIBLINEAR's way.
  kSquaredHinge,
};

struct LinearFitOptions {
  LinearLoss loss = LinearLoss::kLogistic;
  double c = 1;             ///< weight of the images' loss against |weights|^2 / 2; above 0
  int steps = 1000;         ///< of L-BFGS, at most
  double tolerance = 1e-4;  ///< of the gradient of the mean loss
};

struct LinearFit {
  Linear model;
  double objective = 0;  ///< |weights|^2 / (2 c N) + the images' mean loss
  int steps = 0;
  bool converged = false;
  bool cancelled = false;
};

/// Fits N labelled images [N, input], N at least 1, of labels 0..classes - 1. The minimum is
/// unique; for two classes it is scikit-learn's, whose one row of weights is the difference of the
/// two here. `on_step` as in minimise() (fit/lbfgs.h). The result depends on no thread's luck.
LinearFit fit_linear(ConstMatrixRef images, const Labels& labels, const Shape& input, int classes,
                     const LinearFitOptions& options,
                     const std::function<bool(int step, double largest)>& on_step = nullptr);

}  // namespace inoculate
