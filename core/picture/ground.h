// What a picture's ground would look like without ink on it.
#pragma once

#include "picture/picture.h"

namespace inoculate {

/// The ground of a channel: a surface of the second degree in x and y, which holds paper under
/// light that falls off. It is fitted to the border by least squares, then to all pixels; ink is
/// what lies far from it, and is left out.
Plane fit_ground(const Plane& channel);

}  // namespace inoculate
