// IDX, the format of MNIST: a big-endian header, then one byte a pixel or a label.
#pragma once

#include <cstdint>
#include <string>

#include "base/buffer.h"
#include "base/shapes.h"
#include "data/bytes.h"

namespace inoculate {

/// Grey images of one size; `pixels` is [count, rows, cols], row-major, 0 = background.
struct IdxImages {
  int count = 0;
  int rows = 0;
  int cols = 0;
  ByteBuffer pixels;
};

/// Reads an IDX file of images, raw or compressed by gzip. `name` is the file's name for messages.
/// Throws Error when it is something else (and says what), truncated, too long, empty, or announces
/// sizes it does not have. At least one image of at least one pixel comes back.
IdxImages parse_idx_images(ByteView file, const std::string& name);

/// Reads an IDX file of labels 0..9, raw or compressed by gzip; throws Error as above, and when a
/// label is above 9. At least one label comes back.
Labels parse_idx_labels(ByteView file, const std::string& name);

/// The raw IDX file of `images`; `pixels` must hold count * rows * cols bytes.
Bytes write_idx_images(const IdxImages& images);

/// The raw IDX file of `labels`; throws Error when one is above 255.
Bytes write_idx_labels(const Labels& labels);

}  // namespace inoculate
