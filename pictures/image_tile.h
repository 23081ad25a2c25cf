// Images of floats, grey or in colour and of any size, as pieces of a picture.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// Size and channels of images: rows of pixels, the channels of a pixel side by side.
struct ImageForm {
  int height = 28;
  int width = 28;
  int channels = 1;  ///< 1: grey; 3: red, green, blue

  std::size_t size() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
};

/// The size of a tile for such images: a whole multiple of their own, so that pixels stay square,
/// as long as that is no longer than `room`; images of longer sides as they are, but no side longer
/// than kLongestTile.
inline constexpr int kLongestTile = 224;
Rect tile_for(const ImageForm& form, int room);

/// The image of `values` [form] in 0..1 as a picture of tile's size; values outside are cut, and
/// what is no number counts as 0. Where the tile is smaller, pixels are averaged.
Canvas image_tile(std::span<const float> values, const ImageForm& form, const Rect& tile);

/// The change of an image, `values` [form], as such a picture whose scale ends at +-`largest`: of a
/// grey one blue (darker), white and red (lighter); of one in colour each channel around a middle
/// grey. `largest` 0: no change.
Canvas change_tile(std::span<const float> values, const ImageForm& form, const Rect& tile,
                   float largest);

/// Colours of a change of `share` (-1 to 1) of the scale's end, of all channels at once.
Color change_color(float share, bool grey);

}  // namespace inoculate
