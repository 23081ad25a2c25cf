// Signs that a network only looks robust: gradients that hide, attacks that fail for their own
// reasons.
//
// Athalye, Carlini & Wagner, "Obfuscated Gradients Give a False Sense of Security", 2018, section
// 3.1; Carlini et al., "On Evaluating Adversarial Robustness", 2019, section 5.
#pragma once

#include <string>
#include <vector>

#include "evaluate/robustness.h"

namespace inoculate {

/// One sign, in words: what was seen, and what it means.
struct Alarm {
  std::string name;  ///< a key such as "black-box-beats-white-box"
  std::string text;
};

/// Looks for all of them in a verdict on these images, and by a few looks at the network of its
/// own: at most `probes` images are asked for logits and gradients, and attacked by FGSM and by PGD
/// at epsilon and twice that. Small differences, within what chance makes, ring nothing.
std::vector<Alarm> find_alarms(const Network& network, ConstMatrixRef images, const Labels& labels,
                               const std::vector<JudgedAttack>& suite, const Verdict& verdict,
                               const JudgeOptions& options, int probes = 200);

}  // namespace inoculate
