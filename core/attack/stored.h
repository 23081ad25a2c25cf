// Adversaries as pictures hold them: every pixel one of 256 levels.
#pragma once

#include <cstdint>
#include <vector>

#include "attack/attack.h"

namespace inoculate {

/// The bytes of `count` pixels in 0..1 as a picture stores them: the nearest of 256 levels, 255
/// for 1. What lies outside of 0..1 becomes the nearer end.
std::vector<std::uint8_t> to_levels(const float* pixels, std::size_t count);

/// The pixels that those bytes are read as again, level / 255: what is left of images [N, input]
/// once they have been stored as pictures.
Matrix as_stored(ConstMatrixRef images);

/// Where `adversaries` [N, input] of a task still meet its criterion once they have been stored: 1
/// for such images. Asks the model afresh, at nobody's cost.
std::vector<std::uint8_t> stored_success(const AttackTask& task, ConstMatrixRef adversaries);

}  // namespace inoculate
