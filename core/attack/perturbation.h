// The geometry of perturbations, an image at a time: steps, balls, ranges, distances. Steps and
// random points are of L-inf and L2 only, balls of L1 too.
#pragma once

#include <functional>

#include "attack/threat_model.h"
#include "base/rng.h"
#include "base/shapes.h"

namespace inoculate {

/// Distance of images x and y [size] in a norm.
float distance(const float* x, const float* y, int size, Norm norm);

/// x = from + a step of size |length| along `gradient` (against it where `length` is negative): in
/// L-inf every pixel moves by `length` with the gradient's sign, in L2 the step is `length` long.
/// Where the gradient is exactly 0 nothing moves. All [size]; x may be either of the others.
void step_along(float* x, const float* from, const float* gradient, int size, Norm norm,
                float length);

/// Brings the pixels of x [size] into the range, if there is one.
void clip(float* x, int size, const std::optional<ValueRange>& range);

/// Brings x [size] back into the ball of radius `threat.epsilon` around `image`, then into the
/// range; in L1 into both at once (attack/box_projection.h). The image must lie in the range
/// itself, or the second may undo the first.
void project(float* x, const float* image, int size, const ThreatModel& threat);

/// x = a point drawn uniformly from the ball of radius `threat.epsilon` around `image`, then
/// clipped to the range. A radius of infinity gives the image itself.
void random_start(float* x, const float* image, int size, const ThreatModel& threat, Rng& rng);

/// x = a point `length` away from `image` [size] in a random direction: in L-inf one of a cube,
/// else that of a normal vector.
void random_at(float* x, const float* image, int size, Norm norm, float length, Rng& rng);

/// Sets each value of gradient [H, W, C] to the mean of its 3 x 3 neighbours weighted 1 2 1 in
/// either direction; beyond the edges are zeros.
void smooth(float* gradient, Shape shape);

/// Calls body(i) for each row i of a batch of `n`, in parallel.
void for_each_row(int n, const std::function<void(int)>& body);

}  // namespace inoculate
