// The limited-memory BFGS method for smooth convex functions of many numbers.
//
// Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989; the line
// search is the bisection of Lewis and Overton, "Nonsmooth optimization via quasi-Newton methods",
// 2013, section 2.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace inoculate {

struct LbfgsOptions {
  int steps = 1000;         ///< at most
  double tolerance = 1e-4;  ///< ends where no component of the gradient is larger
};

struct LbfgsResult {
  Eigen::VectorXd x;
  double value = 0;
  int steps = 0;           ///< that were taken
  bool converged = false;  ///< the gradient is within the tolerance
  bool cancelled = false;
};

/// Gives the function's value at x and sets its gradient there.
using SmoothFunction = std::function<double(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)>;

/// The minimum, from `start` on. `on_step`, unless null, is called after each step with the number
/// of it and the largest component of the gradient; false cancels.
LbfgsResult minimise(const SmoothFunction& function, Eigen::VectorXd start,
                     const LbfgsOptions& options,
                     const std::function<bool(int step, double largest)>& on_step = nullptr);

}  // namespace inoculate
