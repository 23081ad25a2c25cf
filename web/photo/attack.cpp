#include "web/photo/attack.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attack/quantise.h"
#include "attack/run.h"
#include "model/guesses.h"
#include "nn/softmax.h"

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
  constexpr int kGuesses = 5;
  Matrix shares = logits;
  softmax(shares.data(), shares.data(), 1, static_cast<int>(shares.cols()));
  const std::vector<Guess> likeliest = likeliest_classes(logits, kGuesses)[0];
  Json guesses = Json::array();
  for (const Guess& guess : likeliest) {
    guesses.push_back({{"class", guess.label},
                       {"name", photo_class(spec, guess.label)},
                       {"probability", guess.confidence}});
  }
  const auto share_of = [&](std::optional<int> number) {
    return number ? Json(shares(0, *number)) : Json();
  };
  return {{"best", likeliest[0].label},
          {"guesses", std::move(guesses)},
          {"label", share_of(label)},
          {"target", share_of(target)}};
}

}  // namespace inoculate::page
