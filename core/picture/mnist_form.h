// Whether a picture of 28 x 28 pixels is a network's already.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/shapes.h"
#include "picture/picture.h"

namespace inoculate {

/// Whether a network whose images have this shape takes grey ones of 28 x 28, also as 784 numbers.
inline bool is_digit_shape(Shape shape) {
  return shape == Shape{28, 28, 1} || shape == Shape{1, 1, 784};
}

/// The 784 pixels, 0..1, of any opaque grey picture of 28 x 28 as they are. Nothing for any other.
std::optional<std::vector<float>> grey_digit_pixels(const ColorPicture& picture);

/// The 784 pixels of a picture that needs no preparation: 28 x 28 light on black, with the digit in
/// the box where MNIST's own preparation puts it, or with ink all over (an adversary). One that is
/// only too faint is brightened. Nothing for any other picture.
struct TakenAsItIs {
  std::vector<float> pixels;  ///< [784], 0..1
  bool brightened = false;
};
std::optional<TakenAsItIs> take_as_it_is(const ColorPicture& picture);

}  // namespace inoculate
