// Pictures of anything as networks take them.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"
#include "picture/picture.h"
#include "picture/picture_rule.h"

namespace inoculate {

/// What a network sees of a picture.
struct PreparedPhoto {
  std::vector<float> pixels;  ///< [H*W*C], 0..1
  std::string how;            ///< what was done, in a few words
};

/// The image of H x W x C (C = 1 or 3) that a network takes of a picture of any size. What is
/// transparent is laid on white; for one channel colours become their brightness (ITU-R BT.601).
/// A picture of W x H pixels stays as it is; any other is resized by `rule`, by Pillow's filters,
/// and its centre cut out. Throws Error, naming `name`, when the picture is no whole one or the
/// network takes no pictures.
PreparedPhoto prepare_photo(const ColorPicture& picture, Shape shape, const PictureRule& rule,
                            const std::string& name);

}  // namespace inoculate
