#include "picture/resample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace inoculate {
namespace {

// Weights are whole numbers of 1 / 2^22, so that sums of bytes fit in 32 bits and are exact.
constexpr int kBits = 22;

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

// Keys's cubic convolution with a = -1/2.
double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

// What one new pixel is made of: old pixels first, first + 1, ... and the weight of each.
struct Taps {
  int first = 0;
  std::vector<std::int32_t> weights;
};

// The taps of new pixels begin .. end - 1 of `to` along an axis of `from` old ones. Where a picture
// shrinks, the filter is as much wider as the new pixels are.
std::vector<Taps> taps_of(int from, int to, int begin, int end, Interpolation interpolation) {
  const bool is_cubic = interpolation == Interpolation::kBicubic;
  const double step = static_cast<double>(from) / to;
  const double width = std::max(1.0, step);
  const double reach = (is_cubic ? 2 : 1) * width;
  std::vector<Taps> all;
  for (int i = begin; i < end; ++i) {
    const double centre = (i + 0.5) * step;
    const int first = std::max(0, static_cast<int>(centre - reach + 0.5));
    const int last = std::min(from, static_cast<int>(centre + reach + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int j = first; j < last; ++j) {
      const double x = (j - centre + 0.5) / width;
      weights.push_back(is_cubic ? cubic(x) : triangle(x));
      sum += weights.back();
    }
    Taps taps{first, {}};
    for (const double weight : weights) {
      taps.weights.push_back(
          static_cast<std::int32_t>(std::round(std::ldexp(weight / sum, kBits))));
    }
    all.push_back(std::move(taps));
  }
  return all;
}

std::uint8_t byte_of(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kBits, 0, 255));
}

// One weighted sum of bytes that lie `stride` apart; the first of them is its first tap's.
std::uint8_t sum_of(const Taps& taps, const std::uint8_t* bytes, std::ptrdiff_t stride) {
  std::int32_t sum = 1 << (kBits - 1);
  for (const std::int32_t weight : taps.weights) {
    sum += weight * *bytes;
    bytes += stride;
  }
  return byte_of(sum);
}

}  // namespace

Raster resample(const Raster& raster, int width, int height, const Box& box,
                Interpolation interpolation) {
  assert(raster.width > 0 && raster.height > 0 && !box.empty());
  assert(box.left >= 0 && box.top >= 0 && box.right() <= width && box.bottom() <= height);
  const auto across = taps_of(raster.width, width, box.left, box.right(), interpolation);
  const auto down = taps_of(raster.height, height, box.top, box.bottom(), interpolation);
  // Only rows that one below is made of.
  const int top = down.front().first;
  const int bottom = down.back().first + static_cast<int>(down.back().weights.size());
  const std::ptrdiff_t channels = raster.channels;
  const std::ptrdiff_t row = channels * box.width;

  Raster narrow{box.width, bottom - top, raster.channels, {}};
  narrow.bytes.reserve(static_cast<std::size_t>(row * narrow.height));
  for (int y = top; y < bottom; ++y) {
    const std::uint8_t* in = raster.bytes.data() + y * channels * raster.width;
    for (const Taps& taps : across) {
      for (std::ptrdiff_t c = 0; c < channels; ++c) {
        narrow.bytes.push_back(sum_of(taps, in + taps.first * channels + c, channels));
      }
    }
  }
  Raster out{box.width, box.height, raster.channels, {}};
  out.bytes.reserve(static_cast<std::size_t>(row * box.height));
  for (const Taps& taps : down) {
    for (std::ptrdiff_t i = 0; i < row; ++i) {
      out.bytes.push_back(sum_of(taps, narrow.bytes.data() + (taps.first - top) * row + i, row));
    }
  }
  return out;
}

}  // namespace inoculate
