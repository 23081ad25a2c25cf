// PGD through a purifier (model/purified.h), whose own gradients are zero: backward pass
// differentiable approximation.
//
// Athalye, Carlini & Wagner, "Obfuscated Gradients Give a False Sense of Security: Circumventing
// Defenses to Adversarial Examples", 2018, sections 4.1 and 5.4.
#pragma once

#include "attack/method.h"
#include "attack/pgd.h"

namespace inoculate {

/// What stands for the derivative of the projection onto the decoder's images.
enum class BpdaBackward {
  kIdentity,  ///< the projection gives nearly what it is given
  kTangent,   ///< the projection onto what the decoder's latent vector can change at its result:
              ///< J (J'J)^-1 J', with the decoder's derivative J
};

/// PGD on the whole of purifier and classifier: forward is exact, backward approximated. Throws
/// Error unless the task's model is a PurifiedClassifier.
AttackResult bpda(const AttackTask& task, BpdaBackward backward, const PgdOptions& options,
                  Rng& rng, const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod bpda_method();
AttackMethod tangent_bpda_method();

}  // namespace inoculate
