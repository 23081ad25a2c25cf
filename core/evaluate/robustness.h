// How much a network withstands: several attacks, and what holds against all of them at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "attack/registry.h"
#include "evaluate/interval.h"

namespace inoculate {

/// One attack of a judgement, with its settings.
struct JudgedAttack {
  const AttackMethod* method;
  AttackOptions options;
};

/// The attacks of a suite in a norm, in the order in which they run.
///
/// - "standard": APGD on the cross-entropy and on the targeted ratio of logits (100 steps each),
///   PGD along smoothed gradients, DeepFool, and Square with 5,000 queries: AutoAttack (Croce &
///   Hein 2020) with DeepFool in place of FAB, and one attack more.
/// - "autoattack": AutoAttack to the letter of its authors' code: APGD on the cross-entropy and on
///   the targeted ratio of logits (100 steps each, 9 targets), FAB of 100 steps to 9 targets, and
///   Square with 5,000 queries. In L1 the first has 5 starts and the second 5 targets, as there.
/// - "quick": FGSM, APGD of 20 steps, targeted APGD of 10, and Square with 200 queries.
/// - anything else: names of attacks separated by commas, each with its own defaults.
///
/// Throws Error when a name is unknown, or an attack does not know the norm or needs another model.
std::vector<JudgedAttack> attack_suite(std::string_view name, Norm norm);

/// Whether the suite's attacks are to be run as a cascade, which is part of "autoattack".
bool is_cascade(std::string_view name);

/// The attacks of the suite that attack_suite() leaves out because they do not know the norm:
/// DeepFool in L1. None of a suite given as names of attacks.
std::vector<const AttackMethod*> left_out_of_suite(std::string_view name, Norm norm);

/// One attack's part of a verdict.
struct AttackScore {
  std::string name;
  int tried = 0;             ///< images that count: those read right, in a cascade not yet fooled
  int withstood = 0;         ///< of them
  int stored_withstood = 0;  ///< of them, when their adversaries are stored as 8-bit pictures
  double mean_distance = 0;  ///< of the successes, in the norm; 0 if there is none
  std::int64_t forward_calls = 0;  ///< for the images that count
  std::int64_t gradient_calls = 0;
  double seconds = 0;
  /// Of each class the first image that counts, whether it fell or not: their places among all
  /// images, ascending, and what the attack made of them [as many, input]. For pictures that
  /// flatter neither side.
  std::vector<int> examples;
  Matrix adversaries;
};

/// What a network withstands. An image counts as robust when it is read right, and after every
/// attack on it too.
struct Verdict {
  int n = 0;
  int clean = 0;       ///< images read right
  int worst_case = 0;  ///< images robust against all attacks
  /// Images robust against all adversaries that were made, stored as 8-bit pictures. Those of a
  /// cascade are fewer, so there this is more than it would be without.
  int stored_worst_case = 0;
  std::vector<AttackScore> attacks;
  std::vector<std::uint8_t> robust;  ///< [N]
  /// For each attack, the images [N] that it fooled.
  std::vector<std::vector<std::uint8_t>> fooled;
  float furthest = 0;      ///< largest distance of any adversary in the norm
  float beyond_range = 0;  ///< the most by which any pixel left the range
  bool cancelled = false;

  /// Without an image that is read rightly no attack says anything.
  bool nothing_to_judge() const { return clean == 0; }
  Interval clean_interval() const { return wilson_interval(clean, n); }
  Interval worst_case_interval() const { return wilson_interval(worst_case, n); }
  double worst_case_accuracy() const { return static_cast<double>(worst_case) / n; }
  /// Share of all images that are read right after attack number `i`; in a cascade after that and
  /// all before it.
  double accuracy_after(std::size_t i) const;
};

struct JudgeOptions {
  ThreatModel threat;
  std::uint64_t seed = 1;
  /// Attack only what withstood the attacks before, as AutoAttack does. The worst case stays the
  /// same, image by image.
  bool cascade = false;
  bool quantise = false;  ///< only adversaries on 256 levels count, see attack/quantise.h
};

/// Told the attack at work and its progress; false cancels.
using OnJudgeProgress = std::function<bool(const std::string& attack, const AttackProgress&)>;

/// Judges a network on images [N, input] in the range with labels [N], at least one; to quantise,
/// they must be pictures of 256 levels themselves. Each attack draws from a generator of its own,
/// so its part does not depend on the others of the suite, and an image's number in a task is its
/// row here. In a cascade, attacks whose adversaries depend on the other images (kTogetherBit)
/// still work on all that are read right.
Verdict judge_robustness(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                         const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                         const OnJudgeProgress& on_progress = nullptr);

/// What robustness_curve() attacks with: "PGD" or, in L1, where PGD has no steps, "APGD".
const char* curve_attack(Norm norm);

/// Share of images read right after 20 steps of curve_attack(), at each epsilon: the robustness
/// curve. An image once fooled counts as fooled at every larger epsilon, where its adversary is
/// allowed too.
std::vector<double> robustness_curve(const Classifier& model, ConstMatrixRef images,
                                     const Labels& labels, Norm norm,
                                     const std::vector<float>& rising_epsilons, std::uint64_t seed);

}  // namespace inoculate
