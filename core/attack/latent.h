// A search in the latent space of a purifier (model/purified.h), whose decoder makes the images
// that its classifier is shown: no gradient of the purifier is needed.
//
// Jalal, Ilyas, Daskalakis & Dimakis, "The Robust Manifold Defense: Adversarial Training using
// Generative Models", 2019, section 4 (the overpowered attack: two latent vectors of near images
// that are read differently); Athalye, Carlini & Wagner, 2018, section 5.4.2.
#pragma once

#include "attack/method.h"

namespace inoculate {

struct LatentOptions {
  int steps = 200;
  float step_size = 0.05F;  ///< of Adam, in units of the latent vectors' prior
  float penalty = 1;        ///< of what the decoder's image changes beyond epsilon, squared
  int looks = 10;           ///< how often on the way the whole model is asked
};

/// From the latent vector that the purifier finds for an image, descends the classifier's margin
/// and a penalty on leaving the ball of epsilon around the decoder's image; what the decoder's
/// image has changed by is added to the image. Throws Error unless the task's model is a
/// PurifiedClassifier. Epsilon must be finite.
AttackResult latent_search(const AttackTask& task, const LatentOptions& options,
                           const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod latent_method();

}  // namespace inoculate
