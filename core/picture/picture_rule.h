// How a picture of any size becomes an image of a network.
#pragma once

namespace inoculate {

/// How the pixels between others are found; both widen their reach where a picture shrinks.
enum class Interpolation { kBilinear, kBicubic };

/// A picture is resized until its shorter side has `resize` pixels, then its centre is cut out.
struct PictureRule {
  int resize = 0;  ///< 0: the network's own shorter side / 0.875
  Interpolation interpolation = Interpolation::kBilinear;
};

}  // namespace inoculate
