// How much ink lies on each pixel of a picture.
#pragma once

#include "picture/channels.h"

namespace inoculate {

struct Ink {
  Plane amount;           ///< about 0 on the ground and 1 in the middle of a stroke
  float noise = 0;        ///< how far the ground strays from 0, as a standard deviation
  float contrast = 0;     ///< what amount 1 stands for, in the channels' 0..255
  bool dark = false;      ///< whether ink is darker than the ground
  bool levelled = false;  ///< whether light fell off across the picture
};

/// The ink of a picture: what differs from the ground (ground.h) along the mixture of red, green
/// and blue in which it differs most, scaled to the strongest of it. So ink may be darker or
/// lighter than the ground, or differ in colour alone. The amount is 0 everywhere where nothing
/// stands out from noise.
Ink find_ink(const Channels& channels);

}  // namespace inoculate
