#include "certify/judgement.h"

#include <algorithm>
#include <chrono>

#include "base/parallel.h"

namespace inoculate {

int Certificates::count() const {
  return static_cast<int>(std::count(certified.begin(), certified.end(), 1));
}

Certificates certify_images(const BoundGraph& graph, ConstMatrixRef images, const Labels& labels,
                            const CertificateOptions& options, double furthest,
                            const OnCertified& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  const int n = static_cast<int>(images.rows());
  Certificates result;
  result.certified.resize(labels.size());
  if (furthest > 0) result.radii.resize(labels.size());
  const int each = 8 * thread_count();  // between two questions whether to go on
  for (int begin = 0; begin < n && !result.cancelled; begin += each) {
    const int count = std::min(each, n - begin);
    parallel_for(count, [&](int i) {
      const auto image = static_cast<std::size_t>(begin + i);
      const float* pixels = images.row(begin + i).data();
      result.certified[image] = certified_margin(graph, pixels, labels[image], options) > 0 ? 1 : 0;
      if (furthest > 0) {
        result.radii[image] = certified_radius(graph, pixels, labels[image], options, furthest);
      }
    });
    result.cancelled = on_progress && !on_progress(begin + count, n);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Certificates certify_by_smoothing(const Classifier& model, ConstMatrixRef images,
                                  const Labels& labels, double epsilon,
                                  const SmoothingOptions& options, const OnCertified& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  const int n = static_cast<int>(images.rows());
  Certificates result;
  result.certified.resize(labels.size());
  result.radii.resize(labels.size());
  for (int i = 0; i < n && !result.cancelled; ++i) {
    const auto image = static_cast<std::size_t>(i);
    const OnSmoothed go_on = [&] {
      result.cancelled = result.cancelled || (on_progress && !on_progress(i, n));
      return !result.cancelled;
    };
    const Smoothed answer = smoothed(model, images.row(i).data(), i, options, go_on);
    if (answer.label != labels[image]) continue;
    result.radii[image] = answer.radius;
    result.certified[image] = answer.radius >= epsilon ? 1 : 0;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace inoculate
