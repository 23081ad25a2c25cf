// The attacks that are quick enough to follow the pen and the slider.
#pragma once

#include <optional>

#include "web/attack/outcome.h"

namespace inoculate::page {

/// The adversary of `picture` (784 values, not empty) of class `label` by a live method, at an
/// epsilon that need not be that of the settings; not yet rounded as as_saved() does.
Picture live_adversary(const Classifier& model, const Picture& picture, int label,
                       const AttackSettings& settings, float epsilon);

/// What a live method asks of the network.
AttackCalls live_calls(const AttackSettings& settings);

/// The outcome of a live method at its own epsilon.
AttackOutcome attack_live(const Classifier& model, const Picture& picture, int label,
                          const AttackSettings& settings);

/// The least epsilon, to a thousandth, at which a live method with an epsilon succeeds and its
/// adversary, saved as a picture, does too: a scan of epsilons up to kLargestEpsilon, then
/// bisection below the first success. None if there is none.
std::optional<float> smallest_epsilon(const Classifier& model, const Picture& picture, int label,
                                      const AttackSettings& settings);

}  // namespace inoculate::page
