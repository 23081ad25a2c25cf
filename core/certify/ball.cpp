#include "certify/ball.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace inoculate {

Ball ball_around(const float* image, int size, Norm norm, double epsilon, ValueRange range) {
  if (norm != Norm::kLinf && norm != Norm::kL2) {
    throw Error("certificates are for L-inf and L2 alone");
  }
  // A pixel and epsilon are added in single precision, and the length of a change is measured in
  // it.
  Ball ball{norm, epsilon * (1 + 0x1p-20), {}, {}, {}};
  ball.centre = Eigen::Map<const Eigen::RowVectorXf>(image, size).cast<double>();
  ball.low = ball.high = ball.centre;
  for (Eigen::Index i = 0; i < size; ++i) {
    const double rounding = epsilon > 0 ? 0x1p-24 * (std::abs(ball.centre[i]) + epsilon) : 0;
    const double reach = ball.epsilon + rounding;
    ball.low[i] = std::max(double{range.low}, ball.centre[i] - reach);
    ball.high[i] = std::min(double{range.high}, ball.centre[i] + reach);
    // An image beyond the range is in its own ball all the same.
    ball.low[i] = std::min(ball.low[i], ball.centre[i]);
    ball.high[i] = std::max(ball.high[i], ball.centre[i]);
  }
  return ball;
}

Eigen::VectorXd lowest_products(const Ball& ball, const RealMatrix& coefficients) {
  const Eigen::RowVectorXd middle = 0.5 * (ball.low + ball.high);
  const Eigen::RowVectorXd radius = 0.5 * (ball.high - ball.low);
  const RealMatrix sizes = coefficients.cwiseAbs();
  // What sums in double precision may lose.
  const double unit = static_cast<double>(coefficients.cols() + 8) * 0x1p-52;
  const Eigen::VectorXd lost =
      unit * (sizes * (ball.low.cwiseAbs().cwiseMax(ball.high.cwiseAbs())).transpose());
  Eigen::VectorXd lowest = coefficients * middle.transpose() - sizes * radius.transpose();
  if (ball.norm == Norm::kL2) {
    const Eigen::VectorXd dual =
        coefficients * ball.centre.transpose() - ball.epsilon * coefficients.rowwise().norm();
    // The length is rounded too: by less than its own size times the unit.
    const Eigen::VectorXd of_length = unit * ball.epsilon * coefficients.rowwise().norm();
    lowest = lowest.cwiseMax(dual - of_length);
  }
  return lowest - lost;
}

}  // namespace inoculate
