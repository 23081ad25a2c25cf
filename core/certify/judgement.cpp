#include "certify/judgement.h"

#include <algorithm>
#include <chrono>
#include <span>

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
  constexpr int kTogether = 8;
  const int each = kTogether * thread_count();  // between two questions whether to go on
  for (int begin = 0; begin < n && !result.cancelled; begin += each) {
    const int count = std::min(each, n - begin);
    parallel_for((count + kTogether - 1) / kTogether, [&](int part) {
      const int first = begin + part * kTogether, own = std::min(kTogether, begin + count - first);
      const auto at = static_cast<std::size_t>(first), size = static_cast<std::size_t>(own);
      const std::vector<double> margins = certified_margins(
          graph, images.middleRows(first, own), std::span(labels).subspan(at, size), options);
      for (std::size_t i = 0; i < size; ++i) {
        result.certified[at + i] = margins[i] > 0 ? 1 : 0;
        if (furthest <= 0) continue;
        const float* pixels = images.row(first + static_cast<int>(i)).data();
        result.radii[at + i] = certified_radius(graph, pixels, labels[at + i], options, furthest);
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
