// The nearest point that several bounds leave at once: found exactly, where bringing a point within
// one bound after the other would end at a point that is not the nearest.
#pragma once

#include <optional>

#include "attack/threat_model.h"

namespace inoculate {

/// Brings x [size] to the point nearest to it, in L2, of all that differ from `image` by at most
/// `epsilon` in L1 and lie within the range, if there is one; the image must lie within it itself.
/// (Croce & Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image classifiers",
/// 2021, proposition 2.1.)
void project_onto_l1_ball(float* x, const float* image, int size, float epsilon,
                          const std::optional<ValueRange>& range);

/// Sets move [size] to the smallest change, in L-inf, L2 or L1, that takes x [size] to where
/// normal . move = rise and leaves it within the range, if there is one, in which x must lie. Where
/// no such change reaches that far, it goes as far as the range allows, and where `normal` is 0
/// everywhere it does not move. (Croce & Hein, "Minimally distorted adversarial examples with a
/// fast adaptive boundary attack", 2020, section 3.1 and appendix A.)
void move_to_plane(float* move, const float* x, const float* normal, double rise, int size,
                   Norm norm, const std::optional<ValueRange>& range);

}  // namespace inoculate
