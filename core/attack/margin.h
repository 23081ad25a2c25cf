// How far an attacker's aim is from reached: what attacks without gradients minimise.
#pragma once

#include <cstdint>

#include "attack/threat_model.h"

namespace inoculate {

/// The logit of the label less the largest other; with a target the largest other less the
/// target's. Below 0 the class is as wanted.
float margin(const Criterion& criterion, const float* logits, int classes, std::uint8_t label);

}  // namespace inoculate
