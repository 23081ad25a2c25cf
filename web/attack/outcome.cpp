#include "web/attack/outcome.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"

namespace inoculate::page {
namespace {

// Every pixel up or down by `size`, at random, and clipped.
Picture with_random_signs(const Picture& picture, float size, std::uint64_t seed) {
  Rng rng(seed);
  Picture noisy = picture;
  for (float& pixel : noisy) {
    pixel = std::clamp(pixel + (rng.uniform() < 0.5 ? -size : size), 0.0F, 1.0F);
  }
  return noisy;
}

}  // namespace

Picture as_saved(const Picture& adversary, const Picture& original, const AttackSettings& settings,
                 float epsilon) {
  constexpr float kTolerance = 1e-3F;  // of a level, for what single precision loses
  const float most = page_method(settings.method).has(kEpsilonKnob)
                         ? 255 * epsilon + kTolerance
                         : std::numeric_limits<float>::infinity();
  Bytes levels = to_bytes(adversary);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const float change = static_cast<float>(levels[i]) - 255 * original[i];
    if (change > most) --levels[i];
    if (change < -most) ++levels[i];
  }
  return picture_of(levels);
}

bool is_success(const Reading& reading, int label, const AttackSettings& settings) {
  return settings.target ? reading.best() == *settings.target : reading.best() != label;
}

AttackOutcome judge(const Classifier& model, const Picture& picture, int label,
                    const Picture& adversary, AttackCalls calls, const AttackSettings& settings) {
  AttackOutcome outcome;
  outcome.label = label;
  outcome.calls = calls;
  outcome.original = {picture, read_picture(model, picture)};
  const Picture changed = as_saved(adversary, picture, settings, settings.epsilon);
  outcome.adversary = {changed, read_picture(model, changed)};
  outcome.success = is_success(outcome.adversary.reading, label, settings);
  outcome.undone_by_rounding =
      !outcome.success && is_success(read_picture(model, adversary), label, settings);
  double squares = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const float change = std::abs(changed[i] - picture[i]);
    outcome.largest_change = std::max(outcome.largest_change, change);
    outcome.pixels_changed += change > 0;
    squares += static_cast<double>(change) * change;
  }
  outcome.l2 = static_cast<float>(std::sqrt(squares));
  const float size = page_method(settings.method).has(kEpsilonKnob)
                         ? settings.epsilon
                         : outcome.l2 / std::sqrt(static_cast<float>(kPictureSize));
  const Picture noise = as_saved(with_random_signs(picture, size, settings.seed), picture, settings,
                                 settings.epsilon);
  outcome.noise = {noise, read_picture(model, noise)};
  return outcome;
}

Json to_json(const Reading& reading) {
  return {{"digit", reading.best()},
          {"confidence", reading.confidence()},
          {"probabilities", reading.probabilities}};
}

Json to_json(const AttackOutcome& outcome) {
  return {{"label", outcome.label},
          {"success", outcome.success},
          {"undone_by_rounding", outcome.undone_by_rounding},
          {"prediction", to_json(outcome.adversary.reading)},
          {"probabilities", outcome.adversary.reading.probabilities},
          {"noise", to_json(outcome.noise.reading)},
          {"queries", outcome.calls.forward},
          {"gradients", outcome.calls.gradient},
          {"linf", outcome.largest_change},
          {"l2", outcome.l2},
          {"pixels", outcome.pixels_changed}};
}

}  // namespace inoculate::page
