// Pictures of a digit as people have them, prepared as MNIST's own were.
#pragma once

#include <string>
#include <vector>

#include "picture/picture.h"

namespace inoculate {

/// What a network sees of a picture.
struct PreparedDigit {
  std::vector<float> pixels;  ///< [784], 0..1, light digit on black
  std::string how;            ///< what was done, in a few words: "dark ink on light ground"
};

/// Prepares a picture of any size with one digit in it: in any two colours, under light that falls
/// off, with a frame, with specks, drawn thin. Ground and ink are estimated from the picture
/// (ink.h); the digit is cut out, scaled and centred (data/digit.h). A picture of 28 x 28 that is a
/// network's already (mnist_form.h) stays as it is. Throws Error, naming `name`, when there is no
/// digit in it, or when it is no whole picture.
PreparedDigit prepare_picture(const ColorPicture& picture, const std::string& name);

}  // namespace inoculate
