#include "pictures/canvas.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

#define STB_TRUETYPE_IMPLEMENTATION
#include <stb_truetype.h>

#include "pictures/font.h"

namespace inoculate {
namespace {

constexpr int kReplacementCharacter = 0xFFFD;

const stbtt_fontinfo& font() {
  static const stbtt_fontinfo loaded = [] {
    stbtt_fontinfo info{};
    [[maybe_unused]] const int ok = stbtt_InitFont(&info, kLatoRegular.data, 0);
    assert(ok && "the font is part of the program");
    return info;
  }();
  return loaded;
}

/// Takes the first character off `utf8`; a byte that begins no valid sequence becomes U+FFFD.
int next_character(std::string_view& utf8) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  int code = length == 1 ? first : first & (0x7F >> length);
  bool valid = length != 0 && length <= utf8.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0) == 0x80;
    code = code << 6 | (byte(i) & 0x3F);
  }
  utf8.remove_prefix(valid ? length : 1);
  return valid ? code : kReplacementCharacter;
}

/// Calls `draw(glyph, x)` for each character, x in pixels from the start, and returns the width.
template <typename Draw>
float lay_out(std::string_view utf8, float scale, const Draw& draw) {
  float x = 0;
  int previous = 0;
  while (!utf8.empty()) {
    const int glyph = stbtt_FindGlyphIndex(&font(), next_character(utf8));
    if (previous != 0) {
      x += scale * static_cast<float>(stbtt_GetGlyphKernAdvance(&font(), previous, glyph));
    }
    draw(glyph, x);
    int advance = 0;
    stbtt_GetGlyphHMetrics(&font(), glyph, &advance, nullptr);
    x += scale * static_cast<float>(advance);
    previous = glyph;
  }
  return x;
}

/// The part of `rect` inside a picture of `width` x `height`, never of negative size.
Rect clip(const Rect& rect, int width, int height) {
  const int left = std::clamp(rect.x, 0, width);
  const int top = std::clamp(rect.y, 0, height);
  const int right = std::clamp(rect.x + std::max(rect.width, 0), left, width);
  const int bottom = std::clamp(rect.y + std::max(rect.height, 0), top, height);
  return {left, top, right - left, bottom - top};
}

/// Distance from `p` to the segment from `a` to `b`.
float distance_to_segment(Point p, Point a, Point b) {
  const float dx = b.x - a.x;
  const float dy = b.y - a.y;
  const float squared = dx * dx + dy * dy;
  const float along =
      squared > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / squared, 0.0f, 1.0f) : 0.0f;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

}  // namespace

Color mix(Color from, Color to, float share) {
  const float s = std::clamp(share, 0.0f, 1.0f);
  const auto component = [s](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(
        std::lround(static_cast<float>(a) + s * static_cast<float>(b - a)));
  };
  return {component(from.r, to.r), component(from.g, to.g), component(from.b, to.b)};
}

Canvas::Canvas(int width, int height, Color background) : width_(width), height_(height) {
  assert(width > 0 && width <= kLargestCanvasSide && height > 0 && height <= kLargestCanvasSide);
  pixels_.resize(std::size_t{3} * static_cast<std::size_t>(width) *
                 static_cast<std::size_t>(height));
  fill_rect({0, 0, width, height}, background);
}

std::size_t Canvas::offset(int x, int y) const {
  assert(x >= 0 && x < width_ && y >= 0 && y < height_);
  return std::size_t{3} * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                           static_cast<std::size_t>(x));
}

Color Canvas::at(int x, int y) const {
  const std::size_t i = offset(x, y);
  return {pixels_[i], pixels_[i + 1], pixels_[i + 2]};
}

void Canvas::put(int x, int y, Color color) {
  const std::size_t i = offset(x, y);
  pixels_[i] = color.r;
  pixels_[i + 1] = color.g;
  pixels_[i + 2] = color.b;
}

void Canvas::fill_rect(const Rect& rect, Color color) {
  const Rect inside = clip(rect, width_, height_);
  for (int y = inside.y; y < inside.y + inside.height; ++y) {
    for (int x = inside.x; x < inside.x + inside.width; ++x) put(x, y, color);
  }
}

void Canvas::frame(const Rect& inner, int thickness, Color color) {
  const int t = thickness;
  fill_rect({inner.x - t, inner.y - t, inner.width + 2 * t, t}, color);
  fill_rect({inner.x - t, inner.y + inner.height, inner.width + 2 * t, t}, color);
  fill_rect({inner.x - t, inner.y, t, inner.height}, color);
  fill_rect({inner.x + inner.width, inner.y, t, inner.height}, color);
}

template <typename ColorAt>
void Canvas::blit_scaled(int source_width, int source_height, const Rect& where,
                         const ColorAt& color_at) {
  const Rect inside = clip(where, width_, height_);
  for (int y = inside.y; y < inside.y + inside.height; ++y) {
    const int v = static_cast<int>(std::int64_t{y - where.y} * source_height / where.height);
    for (int x = inside.x; x < inside.x + inside.width; ++x) {
      const int u = static_cast<int>(std::int64_t{x - where.x} * source_width / where.width);
      put(x, y, color_at(u, v));
    }
  }
}

void Canvas::blit(const GreyImage& image, const Rect& where) {
  assert(image.pixels.size() ==
         static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  blit_scaled(image.width, image.height, where, [&](int u, int v) {
    const std::uint8_t grey =
        image.pixels[static_cast<std::size_t>(v) * static_cast<std::size_t>(image.width) +
                     static_cast<std::size_t>(u)];
    return Color{grey, grey, grey};
  });
}

void Canvas::blit(const Canvas& image, const Rect& where) {
  blit_scaled(image.width(), image.height(), where, [&](int u, int v) { return image.at(u, v); });
}

void Canvas::polyline(std::span<const Point> points, float line_width, Color color) {
  if (points.empty()) return;
  const float radius = line_width / 2;
  // The whole pixels that a box around two points may touch, inside the picture.
  const auto box = [&](Point low, Point high) {
    const auto whole = [](float value, int limit) {
      return static_cast<int>(std::clamp(std::floor(value), 0.0f, static_cast<float>(limit)));
    };
    const float reach = radius + 1;
    const int left = whole(low.x - reach, width_);
    const int top = whole(low.y - reach, height_);
    return Rect{left, top, whole(high.x + reach + 1, width_) - left,
                whole(high.y + reach + 1, height_) - top};
  };
  Point low = points[0];
  Point high = points[0];
  for (const Point& p : points) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  // Coverage is collected first and blended once, or joints would be darker than the line.
  const Rect all = box(low, high);
  std::vector<float> coverage(static_cast<std::size_t>(all.width) *
                              static_cast<std::size_t>(all.height));
  const auto covered = [&](int x, int y) -> float& {
    return coverage[static_cast<std::size_t>(y - all.y) * static_cast<std::size_t>(all.width) +
                    static_cast<std::size_t>(x - all.x)];
  };
  for (std::size_t i = 0; i < std::max<std::size_t>(points.size() - 1, 1); ++i) {
    const Point a = points[i];
    const Point b = points[std::min(i + 1, points.size() - 1)];
    const Rect part =
        box({std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)});
    for (int y = part.y; y < part.y + part.height; ++y) {
      for (int x = part.x; x < part.x + part.width; ++x) {
        const Point centre{static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f};
        const float inside = radius + 0.5f - distance_to_segment(centre, a, b);
        covered(x, y) = std::max(covered(x, y), std::clamp(inside, 0.0f, 1.0f));
      }
    }
  }
  for (int y = all.y; y < all.y + all.height; ++y) {
    for (int x = all.x; x < all.x + all.width; ++x) {
      put(x, y, mix(at(x, y), color, covered(x, y)));
    }
  }
}

void Canvas::text(Point position, std::string_view utf8, float size, Color color, Align align) {
  const float scale = stbtt_ScaleForMappingEmToPixels(&font(), size);
  float start = position.x;
  if (align == Align::kCentre) start -= text_width(utf8, size) / 2;
  if (align == Align::kRight) start -= text_width(utf8, size);
  // A whole baseline keeps horizontal strokes sharp; the horizontal position stays a fraction.
  const int baseline = static_cast<int>(std::lround(position.y));

  std::vector<std::uint8_t> bitmap;
  lay_out(utf8, scale, [&](int glyph, float offset_x) {
    const float x = start + offset_x;
    const int whole_x = static_cast<int>(std::floor(x));
    const float shift = x - static_cast<float>(whole_x);
    Rect box;
    int right = 0;
    int bottom = 0;
    stbtt_GetGlyphBitmapBoxSubpixel(&font(), glyph, scale, scale, shift, 0, &box.x, &box.y, &right,
                                    &bottom);
    box.width = right - box.x;
    box.height = bottom - box.y;
    if (box.width <= 0 || box.height <= 0) return;  // A space.
    bitmap.assign(static_cast<std::size_t>(box.width) * static_cast<std::size_t>(box.height), 0);
    stbtt_MakeGlyphBitmapSubpixel(&font(), bitmap.data(), box.width, box.height, box.width, scale,
                                  scale, shift, 0, glyph);
    const Rect place{whole_x + box.x, baseline + box.y, box.width, box.height};
    const Rect inside = clip(place, width_, height_);
    for (int y = inside.y; y < inside.y + inside.height; ++y) {
      for (int x_pixel = inside.x; x_pixel < inside.x + inside.width; ++x_pixel) {
        const std::size_t i =
            static_cast<std::size_t>(y - place.y) * static_cast<std::size_t>(place.width) +
            static_cast<std::size_t>(x_pixel - place.x);
        put(x_pixel, y, mix(at(x_pixel, y), color, static_cast<float>(bitmap[i]) / 255.0f));
      }
    }
  });
}

float text_width(std::string_view utf8, float size) {
  return lay_out(utf8, stbtt_ScaleForMappingEmToPixels(&font(), size), [](int, float) {});
}

std::string cut_text(std::string_view utf8, float size, float width) {
  if (text_width(utf8, size) <= width) return std::string(utf8);
  constexpr const char* kEllipsis = "\xE2\x80\xA6";
  std::string shorter(utf8);
  do {
    // A whole character: the bytes that only go on with it, and the one that they follow.
    while (!shorter.empty() && (static_cast<unsigned char>(shorter.back()) & 0xC0U) == 0x80U) {
      shorter.pop_back();
    }
    if (!shorter.empty()) shorter.pop_back();
  } while (!shorter.empty() && text_width(shorter + kEllipsis, size) > width);
  return shorter + kEllipsis;
}

std::vector<std::string> wrap_text(std::string_view utf8, float size, float width) {
  std::vector<std::string> lines;
  std::string line;
  while (!utf8.empty()) {
    const std::size_t end = std::min(utf8.find(' '), utf8.size());
    const std::string_view word = utf8.substr(0, end);
    utf8.remove_prefix(std::min(end + 1, utf8.size()));
    std::string longer = line;
    if (!line.empty()) longer += ' ';
    longer += word;
    if (!line.empty() && text_width(longer, size) > width) {
      lines.push_back(line);
      longer = word;
    }
    line = longer;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace inoculate
