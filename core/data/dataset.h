// Labelled images in memory, kept as bytes (60,000 images: 47 MB) and made floats batch by
// batch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/shapes.h"
#include "data/bytes.h"

namespace inoculate {

/// N images with their labels; `pixels` is [N, H*W*C], row-major, one byte a value.
struct Dataset {
  Shape shape{28, 28, 1};
  ByteBuffer pixels;
  Labels labels;

  /// N, the number of images.
  int size() const { return static_cast<int>(labels.size()); }
};

/// What the images of a data set are to be.
struct DataForm {
  Shape shape{28, 28, 1};
  int classes = 10;
};

/// The data set of an IDX file of images and one of labels, each raw or compressed by gzip. The
/// names are for messages. Images of H = W = 1 are taken from grey ones of C pixels. Throws Error
/// when either file is bad (see idx.h), the images are of another form, or the counts disagree.
Dataset make_dataset(ByteView images, const std::string& images_name, ByteView labels,
                     const std::string& labels_name, const DataForm& form = {});

/// A copy of images begin..end-1. Throws Error unless 0 <= begin < end <= size.
Dataset slice(const Dataset& dataset, int begin, int end);

/// Row i of `images` [indices.size(), H*W*C] becomes image indices[i], as byte / 255 in [0, 1], and
/// labels[i] its label; both are resized. Indices must lie in 0..N-1 and may repeat.
void gather(const Dataset& dataset, std::span<const std::int32_t> indices, Matrix& images,
            Labels& labels);

}  // namespace inoculate
