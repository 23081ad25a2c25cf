// Attacks that try one changed image after another and keep the best.
#pragma once

#include <functional>

#include "attack/attack.h"

namespace inoculate {

/// Sets x [input], which comes as the best try of the task's image `image` so far, to try number
/// `number`, counted from 0; before the first it comes as the image itself. Called for several
/// images at once.
using Propose = std::function<void(float* x, int image, int number)>;
/// Told the margin (attack/margin.h) of the last try of an image, and whether it is the least yet.
using OnMargin = std::function<void(int image, float margin, bool least)>;

/// Makes `tries` proposals for each image, of which the first that succeeds is the adversary, else
/// the one of least margin. Images that are successes as they are need none; images fooled leave.
AttackResult best_of_proposals(const AttackTask& task, int tries, const Propose& propose,
                               const OnAttackProgress& on_progress,
                               const OnMargin& on_margin = nullptr);

}  // namespace inoculate
