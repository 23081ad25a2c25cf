// Signs that a network only looks robust: gradients that hide, attacks that fail for their own
// reasons.
//
// Athalye, Carlini & Wagner, "Obfuscated Gradients Give a False Sense of Security", 2018, section
// 3.1; Carlini et al., "On Evaluating Adversarial Robustness", 2019, section 5.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/robustness.h"

namespace inoculate {

/// A sign to look for: its key, what would be seen, and what that would mean.
struct AlarmKind {
  const char* name;
  const char* sign;
  const char* meaning;
};

/// All of them.
std::span<const AlarmKind> alarm_kinds();

/// Whether a judgement of such a model by this suite can show the sign: black boxes can only beat
/// white boxes where both are there (in a cascade where they come last, since what they fool is
/// attacked no more), and PGD is only asked in L-inf and L2, where there is an epsilon to keep
/// to; some need gradients, others logits.
bool can_ring(const AlarmKind& kind, const ModelSpec& model, const std::vector<JudgedAttack>& suite,
              const JudgeOptions& options);

/// One sign, in words: what was seen, and what it means.
struct Alarm {
  std::string name;  ///< a key such as "black-box-beats-white-box"
  std::string text;
};

/// Looks for all of them in a verdict on these images, and by a few looks at the network of its
/// own: at most `probes` images are asked for logits and gradients, and attacked by FGSM and by PGD
/// at epsilon and twice that, if it gives any. Small differences, within what chance makes, ring
/// nothing.
std::vector<Alarm> find_alarms(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                               const std::vector<JudgedAttack>& suite, const Verdict& verdict,
                               const JudgeOptions& options, int probes = 200);

}  // namespace inoculate
