// A picture of a digit, prepared as MNIST's own were.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace inoculate {

/// The 784 pixels (0..1, light digit on black) a network sees of a grey picture of width x height
/// bytes, row-major. As for MNIST (LeCun et al., "Gradient-Based Learning Applied to Document
/// Recognition", 1998, section III.A), the digit's box is scaled to fit 20 x 20, keeping its shape
/// and averaging, and placed in 28 x 28 with its centre of mass in the middle. A picture with a
/// light border is a dark digit on paper, and is inverted. Without any digit all pixels are 0. It
/// is for clean drawings; picture/prepare.h takes pictures as people have them.
std::vector<float> prepare_digit(std::span<const std::uint8_t> pixels, int width, int height);

/// The same of `ink` (0 the ground, 255 full ink, between them for soft edges; width x height,
/// row-major), all of which is taken to be the digit's. Values beyond 0..255 are noise, which the
/// averaging lessens; the result is cut to 0..1.
std::vector<float> place_digit(std::span<const double> ink, int width, int height);

}  // namespace inoculate
