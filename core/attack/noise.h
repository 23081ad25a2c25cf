// Random noise of a given size, the best of several draws: the floor under every attack.
#pragma once

#include "attack/method.h"

namespace inoculate {

enum class NoiseKind { kGaussian, kUniform };

struct NoiseOptions {
  NoiseKind kind = NoiseKind::kUniform;
  int draws = 100;  ///< foolbox's
};

/// Noise scaled to size epsilon in the norm, then clipped to the range. The first draw that
/// succeeds is the adversary, else the one that came nearest. Epsilon must be finite.
AttackResult noise(const AttackTask& task, const NoiseOptions& options, Rng& rng,
                   const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod uniform_noise_method();
AttackMethod gaussian_noise_method();

}  // namespace inoculate
