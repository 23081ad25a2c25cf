// One pixel, or a few, found by differential evolution from the probabilities alone.
//
// Su, Vargas & Sakurai, "One Pixel Attack for Fooling Deep Neural Networks", 2019, section III.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are the paper's.
struct FewPixelsOptions {
  int pixels = 1;        ///< that may change, each with all its channels
  int queries = 40400;   ///< looks at each image, at most: the first population and 100 generations
  int population = 400;  ///< or a tenth of the queries where that is less; at least 4
};

/// A candidate is the place and the value of each pixel. From random ones each generation makes of
/// every candidate a + (b - c) / 2 of three others, which takes its place if its margin
/// (attack/margin.h) is less. Values are levels k / 255 where the range is 0..1, so that
/// adversaries hold as pictures. The first success is the adversary. An epsilon is not heeded.
AttackResult few_pixels(const AttackTask& task, const FewPixelsOptions& options, Rng& rng,
                        const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod one_pixel_method();
AttackMethod few_pixels_method();

}  // namespace inoculate
