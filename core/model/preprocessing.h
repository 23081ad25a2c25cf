// How pixels become what a network was trained on.
#pragma once

#include <string>
#include <vector>

#include "model/classifier.h"

namespace inoculate {

/// Channel c of what the network sees is (low + pixel * (high - low) - mean[c]) / std[c], where a
/// pixel is 0..1.
struct Preprocessing {
  ValueRange input_range;      ///< low and high: what the pixels 0 and 1 become
  std::vector<float> mean{0};  ///< one for each channel the network sees, or one for all
  std::vector<float> std{1};   ///< the same; above 0
  bool bgr = false;            ///< blue comes first, instead of red
};

/// The names have Keras's meanings: "none" leaves pixels at 0..1, "torch" subtracts ImageNet's mean
/// and divides by its standard deviation, "caffe" has them at 0..255 in the order blue, green, red,
/// less the mean, and "tf" at -1..1. Throws Error for any other name.
Preprocessing preprocessing_named(const std::string& name);

/// The same for one network: each channel c it sees is scale[c] * pixel[from[c]] + shift[c].
struct ChannelMap {
  std::vector<int> from;
  std::vector<float> scale, shift;
};

/// Throws Error, which goes on from a subject that the caller gives ("has a mean of 3 numbers
/// ..."), when the preprocessing is not for images of so many channels.
ChannelMap channel_map(const Preprocessing& preprocessing, int channels);

/// What the network sees of images [N, H*W*C].
Matrix prepared(const ChannelMap& map, ConstMatrixRef images);

}  // namespace inoculate
