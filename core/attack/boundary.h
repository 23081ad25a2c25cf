// Boundary attack: a random walk along the boundary towards the image, by the class alone.
//
// Brendel, Rauber & Bethge, "Decision-Based Adversarial Attacks: Reliable Attacks Against Black-Box
// Machine Learning Models", 2018, algorithm 1 and section 2.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are foolbox's.
struct BoundaryOptions {
  int queries = 25000;          ///< looks at each image, at most
  float sideways_step = 0.01F;  ///< first step along the sphere, as a part of its radius
  float inward_step = 0.01F;    ///< first step towards the image, as a part of the radius
  float adaptation = 1.5F;      ///< factor by which steps grow and shrink
  float at_rest = 1e-7F;        ///< an inward step below which the walk ends
};

/// From noise, or another image of the task, that is read as wanted: random steps along the sphere
/// around the image, then towards it, of which those are taken that keep the class; their sizes
/// follow from how many do. In L2. An image for which there is no start is left as it is
/// (AttackResult::without_start). Looks for the nearest adversary whatever epsilon is.
AttackResult boundary(const AttackTask& task, const BoundaryOptions& options, Rng& rng,
                      const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod boundary_method();

}  // namespace inoculate
