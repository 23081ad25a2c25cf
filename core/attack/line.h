// One straight stroke: the smallest thing a hand can do to a digit.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// A straight stroke over an image, in pixels; (0, 0) is the centre of the first pixel.
struct Stroke {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  float width = 1;
  float shade = 1;  ///< a pixel value
};

/// Draws the stroke over x [H, W, C], softened at its edge by a pixel's width.
void draw_stroke(float* x, const Shape& shape, const Stroke& stroke);

struct LineOptions {
  int tries = 500;
  float narrowest = 0.5F;  ///< width, in pixels
  float widest = 3;
};

/// Looks for the stroke that fools the network by its ends, width and shade: half of the tries are
/// random, the others change the best stroke so far by less and less. Has no norm: the task's
/// epsilon should be infinite.
AttackResult line(const AttackTask& task, const LineOptions& options, Rng& rng,
                  const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod line_method();

}  // namespace inoculate
