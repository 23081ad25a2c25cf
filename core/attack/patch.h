// Adversarial patch: one square picture that, pasted anywhere, changes what is read.
//
// Brown, Mané, Roy, Abadi & Gilmer, "Adversarial Patch", 2017, section 2.
#pragma once

#include <optional>

#include "attack/method.h"

namespace inoculate {

struct PatchOptions {
  float size = 0.1F;        ///< share of the image's area, above 0 and at most 1
  std::optional<Place> at;  ///< of its upper left corner; none: anywhere, drawn for each image
  int steps = 300;
  int batch_size = 64;      ///< images of a step
  float step_size = 0.05F;  ///< of Adam's first step, as a part of the range; the last is a tenth
};

/// The side of the square patch on images of this shape: at least 1, and no more than fits.
int patch_side(float size, Shape shape);

/// Learns one patch by Adam on the cross-entropy of images with it, each time somewhere else
/// (unless its place is fixed), and pastes it into each image at a place drawn by the image's
/// number. The attacker may set the values there to anything in the range and changes no other: no
/// norm bounds that, so an epsilon is not heeded, and the distance told is the number of values
/// changed. The patch has levels k / 255 where the range is 0..1. It is AttackResult::pattern.
/// Throws Error where the fixed place lies beyond the edge.
AttackResult patch(const AttackTask& task, const PatchOptions& options, Rng& rng,
                   const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod patch_method();

}  // namespace inoculate
