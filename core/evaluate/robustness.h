// How much a network withstands: several attacks, and what holds against all of them at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "attack/registry.h"
#include "evaluate/verdict.h"

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

/// What became of each image, and pictures of it.
struct JudgedImages {
  Outcomes outcomes;
  /// Of each attack AttackScore::examples and AttackScore::adversaries.
  std::vector<std::vector<int>> examples;
  std::vector<Matrix> adversaries;
  bool cancelled = false;  ///< the attacks after that which was cancelled are not there
};

/// Judges a network on images [N, input] in the range with labels [N], at least one; to quantise,
/// they must be pictures of 256 levels themselves. Each attack draws from a generator of its own,
/// so its part does not depend on the others of the suite, and an image's number in a task is its
/// row here plus `first`: of images first .. first + N - 1 of a data set the outcomes are those
/// that they have among all of it, unless an attack's adversaries depend on the other images
/// (kTogetherBit). In a cascade such attacks still work on all that are read right.
JudgedImages judge_images(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                          const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                          int first, const OnJudgeProgress& on_progress = nullptr);

/// The figures of judge_images().
Verdict judge_robustness(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                         const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                         const OnJudgeProgress& on_progress = nullptr);

/// What epsilons_withstood() attacks with: "PGD" or, in L1, where PGD has no steps, "APGD".
const char* curve_attack(Norm norm);

/// For each image [N], numbered from `first` on, how many of the epsilons it withstands: up to that
/// at which 20 steps of curve_attack() first fool it, and none where it is read wrong. An image
/// once fooled counts as fooled at every larger epsilon, where its adversary is allowed too.
std::vector<int> epsilons_withstood(const Classifier& model, ConstMatrixRef images,
                                    const Labels& labels, Norm norm,
                                    const std::vector<float>& rising_epsilons, std::uint64_t seed,
                                    int first);

/// Share of images that withstand each of `epsilons` epsilons: the robustness curve.
std::vector<double> curve_of(const std::vector<int>& epsilons_withstood, std::size_t epsilons);

}  // namespace inoculate
