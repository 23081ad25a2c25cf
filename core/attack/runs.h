// Every method run from the common options: what the registry's table points to.
#pragma once

#include "attack/registry.h"

namespace inoculate::runs {

using Run = AttackResult(const AttackTask&, const AttackOptions&, Rng&, const OnAttackProgress&);

Run fgsm, random_start_fgsm, bim, momentum, pgd, pgd_smooth, apgd_cross_entropy, apgd_targeted,
    deepfool, carlini_wagner, jsma_pairs, jsma_single, universal, transfer, square, nes,
    nes_top_class, nes_label, uniform_noise, gaussian_noise, spatial, line;

}  // namespace inoculate::runs
