#include "evaluate/noise_pictures.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/rng.h"

namespace inoculate {

Matrix noise_images(const Shape& input, const NoiseLevel& level, int first, int count,
                    std::uint64_t seed) {
  Matrix images(count, input.size());
  parallel_for(count, [&](int i) {
    Rng rng(seed, static_cast<std::uint64_t>(first) + static_cast<std::uint64_t>(i) + 1);
    float* image = images.row(i).data();
    for (int k = 0; k < input.size(); ++k) {
      image[k] = static_cast<float>((level.mean + level.sigma * rng.normal()) / 255);
    }
  });
  return images;
}

void clip_channels(Matrix& images, const ChannelRanges& ranges) {
  const std::size_t channels = ranges.size();
  float* pixels = images.data();
  for (std::size_t i = 0; i < static_cast<std::size_t>(images.size()); ++i) {
    const ValueRange& range = ranges[i % channels];
    pixels[i] = std::clamp(pixels[i], range.low, range.high);
  }
}

}  // namespace inoculate
