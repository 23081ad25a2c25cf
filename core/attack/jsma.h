// The Jacobian saliency map attack: as few pixels as possible, each to its end.
//
// Papernot, McDaniel, Jha, Fredrikson, Celik & Swami, "The Limitations of Deep Learning in
// Adversarial Settings", 2016, algorithm 3.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// Saliency maps of logits, in which pixels are raised to the top of the range.
struct JsmaOptions {
  bool pairs = true;  ///< two pixels a step as in the paper, else the single most salient
  /// Pairs are tried among at most so many pixels, those that most raise the target above the other
  /// classes: their number grows with its square. MNIST's images have fewer.
  int candidates = 1000;
};

/// Changes at most epsilon pixels (the norm is L0; the paper's 14.5 % are 113 of 784). Without a
/// target the wrong classes are tried in turn, likeliest first, each from the image itself.
AttackResult jsma(const AttackTask& task, const JsmaOptions& options,
                  const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod jsma_pairs_method();
AttackMethod jsma_single_method();

}  // namespace inoculate
