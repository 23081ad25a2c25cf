#include "web/photo/attack.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attack/quantise.h"
#include "attack/run.h"

namespace inoculate::page {
namespace {

constexpr float kReach = 2.5F;               // Madry et al. 2018: the steps together, in epsilons
constexpr std::uint64_t kNoiseStream = 201;  // of the seed, beside those of the attacks

ThreatModel threat_of(const PhotoAttackSettings& settings, float epsilon) {
  const PhotoMethod& method = settings.photo_method();
  ThreatModel threat;
  threat.norm = method.norm;
  threat.epsilon = method.has(kPhotoEpsilon) ? epsilon : std::numeric_limits<float>::infinity();
  return threat;
}

AttackOptions options_of(const PhotoAttackSettings& settings, float epsilon) {
  const PhotoMethod& method = settings.photo_method();
  AttackOptions options;
  if (method.has(kPhotoSteps)) options.steps = settings.steps;
  if (method.has(kPhotoSteps) && method.has(kPhotoEpsilon)) {
    options.step_size = kReach * epsilon / static_cast<float>(settings.steps);
  }
  if (method.has(kPhotoQueries)) options.queries = settings.queries;
  if (method.has(kPhotoArea)) options.patch_size = settings.area;
  return options;
}

int level_of(float value) { return static_cast<int>(std::lround(255 * value)); }

void measure_change(PhotoOutcome& outcome, const Matrix& image, int channels) {
  double squares = 0;
  for (Eigen::Index at = 0; at < image.cols(); at += channels) {
    bool changed = false;
    for (Eigen::Index j = at; j < at + channels; ++j) {
      const int levels = std::abs(level_of(outcome.adversary(0, j)) - level_of(image(0, j)));
      outcome.largest_change = std::max(outcome.largest_change, levels);
      squares += levels * levels;
      changed = changed || levels > 0;
    }
    outcome.pixels_changed += changed ? 1 : 0;
  }
  outcome.l2 = std::sqrt(squares) / 255;
}

}  // namespace

PhotoOutcome attack_photo(const Classifier& model, const Matrix& image, int label,
                          const PhotoAttackSettings& settings, float epsilon,
                          const OnAttackProgress& on_progress) {
  const AttackMethod engine = settings.photo_method().engine();
  const AttackOptions options = options_of(settings, epsilon);
  require_possible(engine, model.spec(), options);
  const Labels labels{label};
  const ThreatModel threat = on_levels(threat_of(settings, epsilon), engine.knowledge);
  const AttackTask task{model, image, labels, threat, {settings.target, settings.confidence}};
  Rng rng(settings.seed), rounding(settings.seed);
  const AttackResult result =
      quantise(task, engine.run(task, options, rng, on_progress), engine.knowledge, rounding);
  PhotoOutcome outcome;
  outcome.adversary = result.adversaries;
  outcome.success = result.success[0] != 0;
  outcome.calls = result.calls[0];
  measure_change(outcome, image, std::max(1, model.spec().input.c));
  return outcome;
}

Matrix noise_beside(const Matrix& image, const PhotoOutcome& outcome,
                    const PhotoAttackSettings& settings) {
  int levels = outcome.largest_change;
  if (!settings.photo_method().has(kPhotoEpsilon) && levels > 0) {
    const double mean = outcome.l2 / std::sqrt(static_cast<double>(image.cols()));
    levels = std::max(1, static_cast<int>(std::lround(255 * mean)));
  }
  Rng rng(settings.seed, kNoiseStream);
  Matrix noisy = image;
  for (Eigen::Index j = 0; j < noisy.cols(); ++j) {
    const int to = level_of(image(0, j)) + (rng.below(2) == 0 ? -levels : levels);
    noisy(0, j) = static_cast<float>(std::clamp(to, 0, 255)) / 255;
  }
  return noisy;
}

std::string photo_class(const ModelSpec& spec, int number) {
  return (spec.class_names.empty() ? "class " : "") + class_name(spec, number);
}

Json photo_reading(const ModelSpec& spec, const Matrix& logits, std::optional<int> label,
                   std::optional<int> target) {
  const auto classes = static_cast<std::size_t>(logits.cols());
  const double highest = static_cast<double>(logits.row(0).maxCoeff());
  std::vector<double> shares(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    shares[k] = std::exp(static_cast<double>(logits(0, static_cast<Eigen::Index>(k))) - highest);
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  std::vector<std::size_t> order(classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min<std::size_t>(5, classes);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return shares[a] > shares[b] || (shares[a] == shares[b] && a < b);
                    });
  Json guesses = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    guesses.push_back({{"class", order[i]},
                       {"name", photo_class(spec, static_cast<int>(order[i]))},
                       {"probability", shares[order[i]]}});
  }
  const auto share_of = [&](std::optional<int> number) {
    return number ? Json(shares[static_cast<std::size_t>(*number)]) : Json();
  };
  return {{"best", order[0]},
          {"guesses", std::move(guesses)},
          {"label", share_of(label)},
          {"target", share_of(target)}};
}

}  // namespace inoculate::page
