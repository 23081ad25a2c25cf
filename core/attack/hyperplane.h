// Across the hyperplane of the true class.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, section 3.3: a
// linear SVM of one class against the rest reads an image by the side of each class's hyperplane
// that it is on, and the shortest way to the other side is along the plane's normal.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// One step of epsilon against the gradient of the true class's logit, towards its target's where
/// there is one; then clipped to the range. In L2 it goes along the normal, as in the paper; in
/// L-inf along its signs. Where the model is no linear SVM, the hyperplane is the logit's tangent.
AttackResult hyperplane(const AttackTask& task);

/// Its row in the registry (attack/registry.h).
AttackMethod hyperplane_method();

}  // namespace inoculate
