// Certificates: proofs that no image of a ball is read as another class.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/shapes.h"
#include "certify/ball.h"
#include "certify/bound_graph.h"
#include "certify/crown.h"

namespace inoculate {

/// A way of bounding the logits.
struct CertificateMethod {
  const char* name;   ///< "ibp"
  const char* words;  ///< what it does, in a line
  Intermediate intermediate;
  bool through_functions;  ///< lines back to the pixels, not to the last function's interval alone

  /// Lower bounds of rows [rows, classes] times the logits, for all images of the ball.
  Eigen::VectorXd lowest(const BoundGraph& graph, const Ball& ball, const RealMatrix& rows) const;
};

/// "ibp", "crown-ibp", "crown": from the fastest to the tightest.
std::span<const CertificateMethod> certificate_methods();

/// Null for a name that none of them has.
const CertificateMethod* find_certificate_method(std::string_view name);

/// As far as bisection looks, where nothing else is said: beyond it every pixel could be anything.
inline double furthest_epsilon(Norm norm) { return norm == Norm::kLinf ? 1 : 10; }

/// What is certified, and how far.
struct CertificateOptions {
  const CertificateMethod* method = nullptr;
  Norm norm = Norm::kLinf;
  double epsilon = 0.1;
  ValueRange range;  ///< of valid pixels
};

/// For each of images [N, input] a lower bound of the least of the differences between the logit of
/// its label and any other, for all images of the ball around it. Above 0 the ball is certified:
/// each of its images is read as the label. Intervals of several images are found together.
std::vector<double> certified_margins(const BoundGraph& graph, ConstMatrixRef images,
                                      std::span<const std::int32_t> labels,
                                      const CertificateOptions& options);

/// The same of one image [input].
double certified_margin(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options);

/// The largest epsilon up to `furthest` for which a certificate was found: that is halved until
/// there is one, at most 20 times, and then the distance between the last two is, 8 times, so that
/// the epsilon is within 0.4 % of one without. 0 where there was none. options.epsilon is not read.
double certified_radius(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options, double furthest);

}  // namespace inoculate
