// The Square attack: random search by squares of one shade, from probabilities alone.
//
// Andriushchenko, Croce, Flammarion & Hein, "Square Attack: a query-efficient black-box adversarial
// attack via random search", 2020, algorithms 1 to 3; in L1: Croce & Hein, "Mind the box: l1-APGD
// for sparse adversarial attacks on image classifiers", 2021, section 5.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are AutoAttack's.
struct SquareOptions {
  int queries = 5000;       ///< looks at each image, at most; at least 2
  float first_area = 0.8F;  ///< of the squares, as a part of the image; it falls with the queries
  bool stretch = true;      ///< whether it falls over all queries, or as is made for 10,000
};

/// Starts from vertical stripes of +-epsilon and keeps a square of +-epsilon where it lowers the
/// margin between the label's logit and the next (with a target: between the largest other and the
/// target's). Images fooled leave at once. In L2 and L1 heaps of change take the place of stripes,
/// and squares that of one another: what one is changed by goes to another. Epsilon must be finite.
AttackResult square(const AttackTask& task, const SquareOptions& options, Rng& rng,
                    const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod square_method();
/// The same with areas that do not stretch, as AutoAttack runs it: of its suite, not the registry.
AttackMethod autoattack_square_method();

}  // namespace inoculate
