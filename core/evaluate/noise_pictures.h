// Pictures of nothing but noise: what a model makes of images that show nothing.
//
// J. Langr and V. Bok, "GANs in Action", chapter 10 (figures 10.5, 10.7 and 10.8).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/shapes.h"
#include "model/classifier.h"

namespace inoculate {

/// Gaussian noise in units of 0..255, in which pictures are stored.
struct NoiseLevel {
  double mean = 128;
  double sigma = 50;  ///< the standard deviation, at least 0
};

/// Images [N, input] of noise, their pixels in 0..1 (a level divided by 255) and not clipped: those
/// that `seed` gives the numbers `first` to `first` + `count` - 1. An image depends on the seed and
/// its number alone.
Matrix noise_images(const Shape& input, const NoiseLevel& level, int first, int count,
                    std::uint64_t seed);

/// What a channel of images is clipped to.
using ChannelRanges = std::vector<ValueRange>;

/// Clips channel c of images [N, H*W*C], C = ranges.size(), to ranges[c].
void clip_channels(Matrix& images, const ChannelRanges& ranges);

}  // namespace inoculate
