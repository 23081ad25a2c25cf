// Many images certified one by one, on all threads.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "certify/certificate.h"
#include "certify/smoothing.h"

namespace inoculate {

/// What is proven of each image.
struct Certificates {
  std::vector<std::uint8_t> certified;  ///< [N]
  std::vector<double> radii;            ///< [N], or empty where nobody asked
  double seconds = 0;
  bool cancelled = false;

  int count() const;
};

/// Told how many of how many images are done; false cancels.
using OnCertified = std::function<bool(int done, int total)>;

/// Certifies images [N, input] with labels [N] by one of certificate_methods(). With `furthest`
/// above 0 also finds the largest epsilon up to it for which bisection meets a certificate.
Certificates certify_images(const BoundGraph& graph, ConstMatrixRef images, const Labels& labels,
                            const CertificateOptions& options, double furthest = 0,
                            const OnCertified& on_progress = {});

/// The same of the smoothed model, in L2: an image is certified when that reads it as its label and
/// its radius is at least `epsilon`. Radii are 0 where it is read wrongly or not at all.
Certificates certify_by_smoothing(const Classifier& model, ConstMatrixRef images,
                                  const Labels& labels, double epsilon,
                                  const SmoothingOptions& options,
                                  const OnCertified& on_progress = {});

}  // namespace inoculate
