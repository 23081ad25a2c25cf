// Rotations and translations: no pixel need be touched for a network to err.
//
// Engstrom, Tran, Tsipras, Schmidt & Madry, "Exploring the Landscape of Spatial Robustness", 2019,
// section 3 (grid search).
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are foolbox's: 125 places.
struct SpatialOptions {
  float rotation = 30;    ///< largest, in degrees either way
  float translation = 3;  ///< largest, in pixels along either axis
  int rotations = 5;      ///< angles of the grid, at least 2
  int translations = 5;   ///< places along either axis, at least 2
};

/// Tries every rotation and translation of a grid, with bilinear interpolation and the range's
/// lowest value from outside the image. Has no norm: the task's epsilon should be infinite.
AttackResult spatial(const AttackTask& task, const SpatialOptions& options,
                     const OnAttackProgress& on_progress = nullptr);

/// x = image [H, W, C] turned by `angle` radians about its centre and moved by dx, dy pixels;
/// `ground` comes in from outside.
void rotate_and_move(float* x, const float* image, const Shape& shape, float angle, float dx,
                     float dy, float ground);

/// Its row in the registry (attack/registry.h).
AttackMethod spatial_method();

}  // namespace inoculate
