#include "fit/pixel_ranks.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/parallel.h"

namespace inoculate {

PixelRanks rank_pixels(ConstMatrixRef images) {
  constexpr std::size_t kMostValues = std::size_t{1} << 16;
  const auto n = static_cast<std::size_t>(images.rows());
  const auto input = static_cast<std::size_t>(images.cols());
  PixelRanks pixels{n, std::vector<std::uint16_t>(n * input), {}};
  pixels.values.resize(input);
  parallel_for(static_cast<int>(input), [&](int feature) {
    const auto at = static_cast<std::size_t>(feature);
    const Eigen::VectorXf column = images.col(feature);
    std::vector<float>& values = pixels.values[at];
    values.assign(column.begin(), column.end());
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    values.shrink_to_fit();
    if (values.size() > kMostValues) {
      throw Error("feature " + std::to_string(feature) + " has " + std::to_string(values.size()) +
                  " different values; a tree is fitted where there are at most 65536: take fewer "
                  "images, or images of 8 bits");
    }
    std::transform(column.begin(), column.end(),
                   pixels.ranks.begin() + static_cast<std::ptrdiff_t>(at * n), [&](float pixel) {
                     return static_cast<std::uint16_t>(
                         std::lower_bound(values.begin(), values.end(), pixel) - values.begin());
                   });
  });
  return pixels;
}

}  // namespace inoculate
