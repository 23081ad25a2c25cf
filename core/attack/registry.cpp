#include "attack/registry.h"

#include <algorithm>
#include <limits>

#include "attack/runs.h"

namespace inoculate {
namespace {

constexpr unsigned kGoal = kTargetBit | kConfidenceBit;
constexpr unsigned kWithin = kEpsilonBit | kGoal;
constexpr unsigned kIterated = kWithin | kStepsBit | kStepSizeBit;
constexpr unsigned kQueried = kWithin | kQueriesBit;

const std::vector<AttackMethod>& methods() {
  using enum Norm;
  using enum Knowledge;
  static const std::vector<Norm> either{kLinf, kL2};
  static const std::vector<AttackMethod> all{
      {"fgsm", "one step along the gradient", "Goodfellow et al. 2015", either, kGradients,
       kWithin | kLossBit, runs::fgsm},
      {"fgsm-rs", "one step of 1.25 epsilon from a random start", "Wong et al. 2020", either,
       kGradients, kWithin | kLossBit | kStepSizeBit | kRestartsBit, runs::random_start_fgsm},
      {"bim", "steps along the gradient, kept within epsilon", "Kurakin et al. 2017", either,
       kGradients, kIterated | kLossBit, runs::bim},
      {"momentum", "the same, keeping some of the last direction", "Dong et al. 2018", either,
       kGradients, kIterated | kLossBit, runs::momentum},
      {"pgd", "the same as bim, from random starts", "Madry et al. 2018", either, kGradients,
       kIterated | kLossBit | kRestartsBit | kRandomStartBit, runs::pgd},
      {"pgd-smooth", "on the margin of logits along smoothed gradients, from 20 starts",
       "Dong et al. 2019", either, kGradients, kIterated | kRestartsBit, runs::pgd_smooth},
      {"apgd-ce", "PGD that sets its own step size, on the cross-entropy", "Croce & Hein 2020",
       either, kGradients, kWithin | kStepsBit | kRestartsBit, runs::apgd_cross_entropy},
      {"apgd-t", "the same on the ratio of logits, to each wrong class in turn",
       "Croce & Hein 2020", either, kGradients, kWithin | kStepsBit | kRestartsBit,
       runs::apgd_targeted},
      {"deepfool", "to the nearest boundary of the linearised network",
       "Moosavi-Dezfooli et al. 2016", either, kGradients, kWithin | kStepsBit | kNearestBit,
       runs::deepfool},
      {"cw",
       "the nearest adversary by optimisation",
       "Carlini & Wagner 2017",
       {kL2},
       kGradients,
       kWithin | kStepsBit | kNearestBit,
       runs::carlini_wagner},
      {"jsma",
       "two pixels at a time, where they tell most",
       "Papernot et al. 2016",
       {kL0},
       kGradients,
       kWithin,
       runs::jsma_pairs},
      {"jsma-one",
       "the same, a pixel at a time",
       "Papernot et al. 2016",
       {kL0},
       kGradients,
       kWithin,
       runs::jsma_single},
      {"universal", "one perturbation for all images", "Moosavi-Dezfooli et al. 2017", either,
       kGradients, kIterated | kTogetherBit, runs::universal},
      {"transfer", "momentum, against another model", "Papernot et al. 2016", either, kNothing,
       kIterated | kLossBit | kSourceBit, runs::transfer},
      {"square",
       "squares of one shade, kept where they help",
       "Andriushchenko et al. 2020",
       {kLinf},
       kProbabilities,
       kQueried,
       runs::square},
      {"nes", "a gradient guessed from queries", "Ilyas et al. 2018", either, kProbabilities,
       kQueried | kStepSizeBit, runs::nes},
      {"nes-top", "from an image of another class, seeing the likeliest class's probability",
       "Ilyas et al. 2018", either, kTopProbability, kQueried | kStepSizeBit | kTogetherBit,
       runs::nes_top_class},
      {"nes-label", "the same, seeing the likeliest class only", "Ilyas et al. 2018", either,
       kLabels, kQueried | kStepSizeBit | kTogetherBit, runs::nes_label},
      {"uniform-noise", "uniform noise, the best of 100 draws", "Rauber et al. 2020", either,
       kProbabilities, kQueried, runs::uniform_noise},
      {"gaussian-noise", "Gaussian noise, the best of 100 draws", "Rauber et al. 2020", either,
       kProbabilities, kQueried, runs::gaussian_noise},
      {"spatial",
       "rotated by up to 30 degrees, moved by up to 3 pixels",
       "Engstrom et al. 2019",
       {},
       kProbabilities,
       kGoal,
       runs::spatial},
      {"line",
       "one straight stroke",
       "this project",
       {},
       kProbabilities,
       kGoal | kQueriesBit,
       runs::line},
  };
  return all;
}

}  // namespace

std::span<const AttackMethod> attack_methods() { return methods(); }

const AttackMethod* find_attack(std::string_view name) {
  const auto& all = methods();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const AttackMethod& m) { return name == m.name; });
  return found == all.end() ? nullptr : &*found;
}

float default_epsilon(const AttackMethod& method, Norm norm) {
  if (!method.heeds(kEpsilonBit) || method.heeds(kNearestBit)) {
    return std::numeric_limits<float>::infinity();
  }
  switch (norm) {
    case Norm::kLinf:
      return 0.1F;
    case Norm::kL2:
      return 1.5F;
    case Norm::kL0:
      return 113;
  }
  return 0;
}

}  // namespace inoculate
