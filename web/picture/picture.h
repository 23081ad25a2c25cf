// A picture as a network sees it.
#pragma once

#include <span>
#include <vector>

#include "data/bytes.h"

namespace inoculate::page {

/// Pixels of 28 x 28, row-major, 0..1.
using Picture = std::vector<float>;
inline constexpr int kPictureSide = 28;
inline constexpr int kPictureSize = kPictureSide * kPictureSide;

/// Pixels as bytes, 255 for 1, rounded; and back.
Bytes to_bytes(std::span<const float> picture);
Picture picture_of(ByteView bytes);

}  // namespace inoculate::page
