#include "web/attack/outcome.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

bool is_success(const Reading& reading, int label, const AttackSettings& settings) {
  return settings.target ? reading.best() == *settings.target : reading.best() != label;
}

AttackOutcome judge(const FrozenNetwork& network, const Picture& picture, int label,
                    Picture adversary, AttackCalls calls, const AttackSettings& settings) {
  AttackOutcome outcome;
  outcome.label = label;
  outcome.calls = calls;
  outcome.original = {picture, read_picture(network, picture)};
  outcome.adversary = {std::move(adversary), {}};
  const Picture& changed = outcome.adversary.pixels;
  outcome.adversary.reading = read_picture(network, changed);
  outcome.success = is_success(outcome.adversary.reading, label, settings);
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
  outcome.noise.pixels = with_random_signs(picture, size, settings.seed);
  outcome.noise.reading = read_picture(network, outcome.noise.pixels);
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
