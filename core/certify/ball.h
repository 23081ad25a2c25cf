// All images that an adversary may choose from.
#pragma once

#include "attack/threat_model.h"
#include "certify/bounds.h"

namespace inoculate {

/// The images within `epsilon` of one, in L-inf or L2, and with pixels in the range. It is a little
/// larger than that, so that it holds what single precision makes of its border.
struct Ball {
  Norm norm = Norm::kLinf;
  double epsilon = 0;            ///< of the ball, enlarged
  Eigen::RowVectorXd centre;     ///< [input]
  Eigen::RowVectorXd low, high;  ///< [input]: the smallest box that holds it
};

/// The ball around an image [input] of the pixel range. Throws Error for another norm.
Ball ball_around(const float* image, int size, Norm norm, double epsilon, ValueRange range);

/// For each row of coefficients [rows, input] a lower bound of its product with any image.
Eigen::VectorXd lowest_products(const Ball& ball, const RealMatrix& coefficients);

}  // namespace inoculate
