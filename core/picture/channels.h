// A picture's red, green and blue as planes of a size that is quick to work on.
#pragma once

#include <array>

#include "picture/picture.h"

namespace inoculate {

/// Red, green and blue, 0..255.
using Channels = std::array<Plane, 3>;

/// The channels of `picture`, averaged down to at most `longest` pixels a side. A transparent one
/// is laid on the ground its ink stands out from: on white when what is opaque is dark, on black
/// when it is light, and on its own paper when it shows both.
Channels reduce(const ColorPicture& picture, int longest);

/// Whether the three channels of every pixel are equal and opaque.
bool is_grey(const ColorPicture& picture);

Channels crop(const Channels& channels, const Box& box);

}  // namespace inoculate
