// A gallery: images in rows, a few words below each.
#pragma once

#include <string>
#include <vector>

#include "pictures/canvas.h"
#include "pictures/image_tile.h"

namespace inoculate {

struct GalleryItem {
  std::vector<float> values;       ///< Gallery::form's, in 0..1.
  std::vector<std::string> lines;  ///< The first stands out; each is cut to the tile's width.
};

struct Gallery {
  std::string title;
  std::string footer;  ///< The settings; broken into lines where it is long.
  ImageForm form;      ///< Of every image; its channels are 1 or 3.
  std::vector<GalleryItem> items;
};

/// Draws the items in rows of five to ten.
Canvas draw_gallery(const Gallery& gallery);

}  // namespace inoculate
