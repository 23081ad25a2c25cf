// Digits that a visitor brings in an array of many: NumPy's .npy, or MNIST's own IDX.
#pragma once

#include <string>

#include "data/bytes.h"
#include "web/picture/picture.h"

namespace inoculate::page {

struct DigitFile {
  std::string name;
  std::string how;  ///< what was done to every pixel, a few words; empty if nothing was
  Bytes pixels;     ///< [N, 28*28], row-major, of 256 levels as every picture of the page

  int size() const { return static_cast<int>(pixels.size() / kPictureSize); }
  Picture picture(int number) const;
};

/// Reads an IDX file of images, or a .npy file of [N, 28, 28], [N, 28, 28, 1], [N, 1, 28, 28] or
/// one [28, 28]: bytes, floats 0..1, or floats that reach up to 255, which are divided by it;
/// either may be compressed by gzip. `name` is the file's for messages. At least one image comes
/// back; throws Error when it is something else, images of another size, damaged, or larger than 64
/// MB unpacked.
DigitFile read_digit_file(ByteView file, const std::string& name);

}  // namespace inoculate::page
