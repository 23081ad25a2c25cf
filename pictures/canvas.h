// A small RGB picture to draw sheets and curves on: rectangles, images, smooth lines, text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inoculate {

/// A colour in sRGB, 0..255 each.
struct Color {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  bool operator==(const Color&) const = default;
};

/// Between `from` (`share` 0) and `to` (`share` 1), component by component; `share` is clamped.
Color mix(Color from, Color to, float share);

/// A position in pixels from the top left corner; the centre of pixel (0, 0) is (0.5, 0.5).
struct Point {
  float x = 0;
  float y = 0;
};

/// A rectangle in whole pixels; it covers [x, x + width) by [y, y + height).
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// A grey picture, 0 black to 255 white, `height` rows of `width` pixels.
struct GreyImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Which end of a text stands at the position given.
enum class Align { kLeft, kCentre, kRight };

/// Most pixels along a side of a Canvas.
inline constexpr int kLargestCanvasSide = 16384;

/// The picture. Everything may be drawn partly or wholly outside; what falls outside is dropped.
class Canvas {
 public:
  /// Sides from 1 to kLargestCanvasSide pixels.
  Canvas(int width, int height, Color background);

  int width() const { return width_; }
  int height() const { return height_; }
  /// The pixel in column `x` of row `y`, which must be inside.
  Color at(int x, int y) const;
  /// `height` rows of `width` R, G, B triples.
  const std::vector<std::uint8_t>& pixels() const { return pixels_; }

  /// Fills a rectangle.
  void fill_rect(const Rect& rect, Color color);
  /// Draws a border of `thickness` pixels around the outside of `inner`.
  void frame(const Rect& inner, int thickness, Color color);
  /// Draws an image scaled to `where` by the nearest pixel (crisp at whole factors).
  void blit(const GreyImage& image, const Rect& where);
  void blit(const Canvas& image, const Rect& where);
  /// Draws a smooth line of `line_width` pixels with round ends and joints through `points`; a
  /// single point is a dot. Points must be finite; pixels are covered once however lines cross.
  void polyline(std::span<const Point> points, float line_width, Color color);
  /// Draws UTF-8 text of `size` pixels (an em) with its baseline at `position.y`.
  void text(Point position, std::string_view utf8, float size, Color color,
            Align align = Align::kLeft);

 private:
  std::size_t offset(int x, int y) const;
  void put(int x, int y, Color color);
  template <typename ColorAt>
  void blit_scaled(int source_width, int source_height, const Rect& where, const ColorAt& color_at);

  int width_;
  int height_;
  std::vector<std::uint8_t> pixels_;
};

/// Width in pixels of `utf8` as Canvas::text draws it.
float text_width(std::string_view utf8, float size);

/// The longest beginning of `utf8` that is no wider than `width` pixels, with an ellipsis where it
/// is cut.
std::string cut_text(std::string_view utf8, float size, float width);

/// Breaks `utf8` at spaces into lines no wider than `width` pixels (a longer word stays whole).
std::vector<std::string> wrap_text(std::string_view utf8, float size, float width);

}  // namespace inoculate
