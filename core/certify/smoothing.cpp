#include "certify/smoothing.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>
#include <vector>

#include "base/parallel.h"
#include "base/rng.h"

namespace inoculate {
namespace {

constexpr int kRows = 32;  // of noise that one task draws, from a generator of its own

// How often each class is read of `count` noisy images, whose generators begin with `stream`.
std::vector<int> counts(const Classifier& model, const float* image, int count,
                        std::uint64_t stream, const SmoothingOptions& options,
                        const OnSmoothed& go_on) {
  const ModelSpec& spec = model.spec();
  const int size = spec.input.size();
  const int each = std::max(kRows, std::min(spec.images_at_once * 4, images_in_slice(spec)));
  const Eigen::Map<const Eigen::RowVectorXf> centre(image, size);
  std::vector<int> votes(static_cast<std::size_t>(spec.classes));
  for (int begin = 0; begin < count; begin += each) {
    Matrix noisy(std::min(each, count - begin), size);
    const int parts = static_cast<int>((noisy.rows() + kRows - 1) / kRows);
    parallel_for(parts, [&](int part) {
      Rng rng(options.seed, stream + static_cast<std::uint64_t>(begin + part * kRows));
      const Eigen::Index end = std::min<Eigen::Index>(noisy.rows(), (part + 1) * kRows);
      for (Eigen::Index i = part * kRows; i < end; ++i) {
        for (Eigen::Index j = 0; j < size; ++j) {
          noisy(i, j) = centre[j] + static_cast<float>(options.sigma * rng.normal());
        }
      }
    });
    for (const int label : most_likely(model.logits(noisy))) {
      ++votes[static_cast<std::size_t>(label)];
    }
    if (go_on && !go_on()) return std::vector<int>(votes.size());
  }
  return votes;
}

}  // namespace

double clopper_pearson_low(int successes, int n, double alpha) {
  if (successes == 0) return 0;
  // The probability is the regularised incomplete beta function; it rises with p.
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    const double probability = Eigen::numext::betainc(
        static_cast<double>(successes), static_cast<double>(n - successes + 1), middle);
    (probability <= alpha ? low : high) = middle;
  }
  return low;
}

double normal_quantile(double p) { return Eigen::numext::ndtri(p); }

Smoothed smoothed(const Classifier& model, const float* image, int number,
                  const SmoothingOptions& options, const OnSmoothed& go_on) {
  const std::uint64_t stream = static_cast<std::uint64_t>(number) << 32;
  const std::vector<int> guesses = counts(model, image, options.selection, stream, options, go_on);
  const auto best = std::max_element(guesses.begin(), guesses.end()) - guesses.begin();
  const std::vector<int> votes =
      counts(model, image, options.samples, stream + (std::uint64_t{1} << 31), options, go_on);
  const double least =
      clopper_pearson_low(votes[static_cast<std::size_t>(best)], options.samples, options.alpha);
  if (!(least > 0.5)) return {};
  return {static_cast<int>(best), options.sigma * normal_quantile(least)};
}

}  // namespace inoculate
