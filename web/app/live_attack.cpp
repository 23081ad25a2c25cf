#include "web/app/live_attack.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "attack/fgsm.h"
#include "attack/pgd.h"
#include "base/rng.h"

namespace inoculate::page {
namespace {

constexpr int kScanStep = 10;  // thousandths of epsilon

Picture with_line(const Picture& picture, const std::vector<Stroke>& line) {
  Picture changed = picture;
  draw_strokes(changed, kPictureSide, line);
  return changed;
}

float l2_distance(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - b[i];
    sum += d * d;
  }
  return static_cast<float>(std::sqrt(sum));
}

float linf_distance(const Picture& a, const Picture& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// Every pixel up or down by `size`, at random, and clipped.
Picture with_random_signs(const Picture& picture, float size, std::uint64_t seed) {
  Rng rng(seed);
  Picture noisy = picture;
  for (float& pixel : noisy) {
    pixel = std::clamp(pixel + (rng.uniform() < 0.5 ? -size : size), 0.0F, 1.0F);
  }
  return noisy;
}

// Steps that together could go twice as far as epsilon, as foolbox's ten of a fifth.
Matrix bim(const AttackTask& task, const AttackSettings& settings) {
  PgdOptions options = bim_options();
  options.loss = settings.loss;
  options.steps = settings.steps;
  options.step_size = 2 / static_cast<float>(settings.steps);
  Rng rng(settings.seed);  // it takes no random numbers
  return pgd_iterates(task, options, rng);
}

}  // namespace

bool is_success(const Reading& reading, int label, const AttackSettings& settings) {
  return settings.target ? reading.best() == *settings.target : reading.best() != label;
}

Picture adversary_of(const Network& network, const Picture& picture, int label,
                     const AttackSettings& settings, float epsilon) {
  if (settings.method == kLineAttack) return with_line(picture, settings.line);

  const Eigen::Map<const Matrix> image(picture.data(), 1, kPictureSize);
  const Labels labels{static_cast<std::uint8_t>(label)};
  AttackTask task{network, image, labels, {}, {}};
  task.threat.epsilon = epsilon;
  if (settings.target) task.criterion.target = static_cast<std::uint8_t>(*settings.target);
  const Matrix adversary =
      settings.method == "fgsm" ? fgsm(task, settings.loss).adversaries : bim(task, settings);
  return {adversary.data(), adversary.data() + kPictureSize};
}

AttackOutcome attack_picture(const Network& network, const Picture& picture, int label,
                             const AttackSettings& settings) {
  AttackOutcome outcome;
  outcome.label = label;
  outcome.original = {picture, read_picture(network, picture)};
  outcome.adversary.pixels = adversary_of(network, picture, label, settings, settings.epsilon);
  outcome.adversary.reading = read_picture(network, outcome.adversary.pixels);
  outcome.largest_change = linf_distance(outcome.adversary.pixels, picture);
  outcome.l2 = l2_distance(outcome.adversary.pixels, picture);
  outcome.success = is_success(outcome.adversary.reading, label, settings);
  // A line has no epsilon: noise of the same length has this much in every pixel.
  const float size = settings.method == kLineAttack
                         ? outcome.l2 / std::sqrt(static_cast<float>(kPictureSize))
                         : settings.epsilon;
  outcome.noise.pixels = with_random_signs(picture, size, settings.seed);
  outcome.noise.reading = read_picture(network, outcome.noise.pixels);
  return outcome;
}

std::optional<float> smallest_epsilon(const Network& network, const Picture& picture, int label,
                                      const AttackSettings& settings) {
  const auto succeeds = [&](float epsilon) {
    const Picture adversary = adversary_of(network, picture, label, settings, epsilon);
    return is_success(read_picture(network, adversary), label, settings);
  };
  const auto thousandths = [](int k) { return static_cast<float>(k) / 1000; };
  for (int high = 0; thousandths(high) <= kLargestEpsilon; high += kScanStep) {
    if (!succeeds(thousandths(high))) continue;
    int low = high - kScanStep;
    while (high > 0 && high - low > 1) {
      const int middle = (low + high) / 2;
      (succeeds(thousandths(middle)) ? high : low) = middle;
    }
    return thousandths(high);
  }
  return std::nullopt;
}

EpsilonSweep sweep_epsilon(const Network& network, const Picture& picture, int label,
                           const AttackSettings& settings, int points) {
  assert(points > 1);
  EpsilonSweep sweep;
  for (int i = 0; i < points; ++i) {
    const float epsilon = kLargestEpsilon * static_cast<float>(i) / static_cast<float>(points - 1);
    sweep.epsilons.push_back(epsilon);
    sweep.readings.push_back(
        read_picture(network, adversary_of(network, picture, label, settings, epsilon)));
  }
  return sweep;
}

}  // namespace inoculate::page
