// The nearest image that a decision tree reads as wanted.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, go to the nearest
// leaf of another class by the pixels on its path. The images of a leaf are a box: its path bounds
// some pixels and leaves all others free. So the nearest image is known exactly, in any norm, by a
// look at every leaf (Chen et al., "Robustness verification of tree-based models", 2019), and where
// none is within epsilon there is none.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// Needs no look at the model, but the tree itself. Throws Error when the task's model is none.
AttackResult tree_path(const AttackTask& task);

/// Its row in the registry (attack/registry.h).
AttackMethod tree_path_method();

}  // namespace inoculate
