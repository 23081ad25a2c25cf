#include "pictures/image_tile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pictures/palette.h"

namespace inoculate {
namespace {

constexpr Color kLighter{217, 92, 78};  // What got lighter, at full strength,
constexpr Color kDarker{68, 112, 190};  // and darker.

// The pixels of a longer row that the pixel `at` of `to` is made of.
struct Span {
  int begin, end;
};
Span pixels_under(int at, int from, int to) {
  const auto edge = [&](int i) { return static_cast<int>(static_cast<long long>(i) * from / to); };
  return {edge(at), std::max(edge(at) + 1, edge(at + 1))};
}

// Calls set(x, y, channels of the mean under that pixel) for all pixels of the tile.
template <class F>
void for_each_pixel(std::span<const float> values, const ImageForm& form, const Rect& tile,
                    const F& set) {
  for (int y = 0; y < tile.height; ++y) {
    const Span rows = pixels_under(y, form.height, tile.height);
    for (int x = 0; x < tile.width; ++x) {
      const Span columns = pixels_under(x, form.width, tile.width);
      float sums[3] = {};
      for (int row = rows.begin; row < rows.end; ++row) {
        for (int column = columns.begin; column < columns.end; ++column) {
          const auto first = (static_cast<std::size_t>(row) * static_cast<std::size_t>(form.width) +
                              static_cast<std::size_t>(column)) *
                             static_cast<std::size_t>(form.channels);
          for (int c = 0; c < 3; ++c) {
            const float value =
                values[first + static_cast<std::size_t>(form.channels == 3 ? c : 0)];
            constexpr float kHuge = 1e6F;
            sums[c] += std::isnan(value) ? 0.0F : std::clamp(value, -kHuge, kHuge);
          }
        }
      }
      const auto count =
          static_cast<float>((rows.end - rows.begin) * (columns.end - columns.begin));
      set(x, y, sums[0] / count, sums[1] / count, sums[2] / count);
    }
  }
}

std::uint8_t level(float value) {
  return static_cast<std::uint8_t>(std::lround(255.0F * std::clamp(value, 0.0F, 1.0F)));
}

}  // namespace

Rect tile_for(const ImageForm& form, int room) {
  const int longest = std::max(form.height, form.width);
  if (longest <= room) {
    const int factor = room / longest;
    return {0, 0, form.width * factor, form.height * factor};
  }
  const int side = std::min(longest, kLongestTile);
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(static_cast<long long>(length) * side / longest));
  };
  return {0, 0, scaled(form.width), scaled(form.height)};
}

Canvas image_tile(std::span<const float> values, const ImageForm& form, const Rect& tile) {
  Canvas image(tile.width, tile.height, kWhite);
  for_each_pixel(values, form, tile, [&](int x, int y, float r, float g, float b) {
    image.fill_rect({x, y, 1, 1}, {level(r), level(g), level(b)});
  });
  return image;
}

Color change_color(float share, bool grey) {
  if (grey) return mix(kWhite, share < 0 ? kDarker : kLighter, std::abs(share));
  return {level(0.5F + share / 2), level(0.5F + share / 2), level(0.5F + share / 2)};
}

Canvas change_tile(std::span<const float> values, const ImageForm& form, const Rect& tile,
                   float largest) {
  const bool grey = form.channels == 1;
  const float scale = largest > 0 ? 1 / largest : 0;
  Canvas image(tile.width, tile.height, kWhite);
  for_each_pixel(values, form, tile, [&](int x, int y, float r, float g, float b) {
    const auto of = [&](float change) { return change_color(change * scale, false).r; };
    image.fill_rect({x, y, 1, 1},
                    grey ? change_color(r * scale, true) : Color{of(r), of(g), of(b)});
  });
  return image;
}

}  // namespace inoculate
