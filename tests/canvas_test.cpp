// The canvas: which pixels change, and which never do.
#include "pictures/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "catch.h"

using namespace inoculate;

namespace {

constexpr Color kPaper{250, 249, 246};
constexpr Color kInk{10, 20, 30};

/// The smallest rectangle that holds every pixel unlike the paper.
Rect drawn_box(const Canvas& canvas) {
  int left = canvas.width(), top = canvas.height(), right = -1, bottom = -1;
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      if (canvas.at(x, y) == kPaper) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  if (right < 0) return {};
  return {left, top, right - left + 1, bottom - top + 1};
}

/// Ink on the canvas in whole pixels, each counted by how dark it is.
double ink_on(const Canvas& canvas) {
  double sum = 0;
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      sum += (kPaper.r - canvas.at(x, y).r) / double{kPaper.r - kInk.r};
    }
  }
  return sum;
}

bool same(const Rect& a, const Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

}  // namespace

TEST_CASE("A new canvas is paper all over", "[canvas]") {
  const Canvas canvas(7, 3, kPaper);
  CHECK(canvas.pixels().size() == 63);
  CHECK(drawn_box(canvas).width == 0);
}

TEST_CASE("Rectangles fill exactly what they cover of the canvas", "[canvas]") {
  Canvas canvas(20, 10, kPaper);
  canvas.fill_rect({3, 4, 5, 2}, kInk);
  CHECK(same(drawn_box(canvas), {3, 4, 5, 2}));
  CHECK(ink_on(canvas) == Approx(10));

  Canvas outside(20, 10, kPaper);
  outside.fill_rect({-5, -5, 7, 6}, kInk);
  outside.fill_rect({18, 8, 100, 100}, kInk);
  outside.fill_rect({30, 2, 5, 5}, kInk);
  outside.fill_rect({2, 2, -3, 5}, kInk);
  outside.fill_rect({2, 2, 0, 5}, kInk);
  CHECK(ink_on(outside) == Approx(2 + 4));
}

TEST_CASE("A frame lies around what it frames", "[canvas]") {
  Canvas canvas(20, 20, kPaper);
  canvas.frame({5, 6, 4, 3}, 2, kInk);
  CHECK(same(drawn_box(canvas), {3, 4, 8, 7}));
  CHECK(ink_on(canvas) == Approx(8 * 7 - 4 * 3));
  CHECK(canvas.at(5, 6) == kPaper);
}

TEST_CASE("Images are scaled by whole pixels", "[canvas]") {
  const GreyImage image{2, 2, {0, 100, 200, 255}};
  Canvas canvas(10, 10, kPaper);
  canvas.blit(image, {1, 1, 6, 6});
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) {
      const auto grey = image.pixels[static_cast<std::size_t>(y / 3 * 2 + x / 3)];
      CHECK(canvas.at(1 + x, 1 + y) == Color{grey, grey, grey});
    }
  }
  CHECK(same(drawn_box(canvas), {1, 1, 6, 6}));
}

TEST_CASE("Images may lie partly or wholly outside", "[canvas]") {
  const GreyImage image{2, 1, {0, 90}};
  Canvas canvas(4, 4, kPaper);
  canvas.blit(image, {-2, 0, 4, 2});  // Its right half only.
  CHECK(canvas.at(0, 0) == Color{90, 90, 90});
  CHECK(canvas.at(1, 1) == Color{90, 90, 90});
  CHECK(canvas.at(2, 0) == kPaper);
  canvas.blit(image, {50, 50, 4, 4});
  canvas.blit(image, {3, 3, 0, 0});
  Canvas stamp(1, 1, kInk);
  canvas.blit(stamp, {3, 2, 5, 5});
  CHECK(canvas.at(3, 3) == kInk);
  CHECK(canvas.at(2, 2) == kPaper);
}

TEST_CASE("A straight line has its width, and ends where it should", "[canvas]") {
  Canvas canvas(60, 20, kPaper);
  const std::array<Point, 2> points = {{{10, 10}, {50, 10}}};
  canvas.polyline(points, 4, kInk);
  for (const int y : {8, 9, 10, 11}) CHECK(canvas.at(30, y) == kInk);
  CHECK(canvas.at(30, 7) == kPaper);
  CHECK(canvas.at(30, 12) == kPaper);
  // A stadium of 40 x 4 and a disc of radius 2.
  CHECK(ink_on(canvas) == Approx(160 + 3.1416 * 4).margin(2));
}

TEST_CASE("A slanted line covers as much as its length and width say", "[canvas]") {
  Canvas canvas(120, 120, kPaper);
  const std::array<Point, 2> points = {{{10.3f, 12.7f}, {103.1f, 81.2f}}};
  canvas.polyline(points, 3, kInk);
  const double length = std::hypot(103.1 - 10.3, 81.2 - 12.7);
  CHECK(ink_on(canvas) == Approx(3 * length + 3.1416 * 1.5 * 1.5).epsilon(0.02));
}

TEST_CASE("Joints and crossings are no darker than the line", "[canvas]") {
  const Color half = mix(kPaper, kInk, 0.5f);
  Canvas canvas(40, 40, kPaper);
  const std::array<Point, 4> there_and_back = {{{5, 10}, {30, 10}, {5, 10}, {30, 10}}};
  canvas.polyline(there_and_back, 1, kInk);  // Edge on a pixel border: two half-covered rows.
  CHECK(canvas.at(15, 9) == half);
  CHECK(canvas.at(15, 10) == half);
}

TEST_CASE("A single point is a dot and no point is nothing", "[canvas]") {
  Canvas canvas(40, 40, kPaper);
  canvas.polyline({}, 5, kInk);
  CHECK(ink_on(canvas) == Approx(0));
  const Point centre{20, 20};
  canvas.polyline({&centre, 1}, 16, kInk);
  CHECK(ink_on(canvas) == Approx(3.1416 * 64).epsilon(0.02));
  CHECK(same(drawn_box(canvas), {12, 12, 16, 16}));
}

TEST_CASE("Lines may leave the canvas", "[canvas]") {
  Canvas canvas(30, 20, kPaper);
  const std::array<Point, 2> across = {{{-8192, 10.5f}, {8192, 10.5f}}};
  canvas.polyline(across, 1, kInk);
  CHECK(canvas.at(0, 10) == kInk);
  CHECK(canvas.at(29, 10) == kInk);
  CHECK(ink_on(canvas) == Approx(30));
  const std::array<Point, 2> beside = {{{-50, -50}, {-10, -90}}};
  canvas.polyline(beside, 8, kInk);
  const std::array<Point, 2> below = {{{-5, 100}, {90, 1e30f}}};
  canvas.polyline(below, 8, kInk);
  CHECK(ink_on(canvas) == Approx(30));
}

TEST_CASE("Text stands on its baseline, aligned as asked", "[canvas]") {
  const float width = text_width("Inoculate", 24);
  CHECK(width > 60);
  CHECK(width < 150);
  for (const Align align : {Align::kLeft, Align::kCentre, Align::kRight}) {
    Canvas canvas(400, 60, kPaper);
    canvas.text({200, 40}, "Inoculate", 24, kInk, align);
    const Rect box = drawn_box(canvas);
    const float left = align == Align::kLeft     ? 200
                       : align == Align::kCentre ? 200 - width / 2
                                                 : 200 - width;
    CHECK(static_cast<float>(box.x) >= left - 1);
    CHECK(static_cast<float>(box.x) <= left + 4);
    CHECK(static_cast<float>(box.x + box.width) <= left + width + 1);
    CHECK(static_cast<float>(box.x + box.width) >= left + width - 4);
    // No letter here goes below the line (but round ones by a hair) or above the em.
    CHECK(box.y + box.height >= 40);
    CHECK(box.y + box.height <= 41);
    CHECK(box.y >= 40 - 24);
  }
}

TEST_CASE("The width of text grows with its size and its letters", "[canvas]") {
  CHECK(text_width("", 20) == 0);
  CHECK(text_width("abc", 40) == Approx(2 * text_width("abc", 20)).epsilon(1e-4));
  CHECK(text_width("abcd", 20) > text_width("abc", 20));
  CHECK(text_width("W", 20) > text_width("i", 20));
}

TEST_CASE("UTF-8 is read as characters, and broken UTF-8 harms nothing", "[canvas]") {
  // One glyph each, not one a byte.
  CHECK(text_width("\u2212", 20) < 20);  // minus
  CHECK(text_width("\u00D7", 20) < 20);  // times
  CHECK(text_width("\u2192", 20) <= 25);
  // Letters of the font, and not the box of an unknown character.
  CHECK(text_width("\u00E9", 20) == Approx(text_width("e", 20)).epsilon(0.1));

  Canvas canvas(300, 60, kPaper);
  for (const std::string broken : {"\xFF\xFE", "\xC3", "a\xE2\x82", "\xF0\x9F", "\x80\x80z",
                                   "\xC0\xAF", "\xED\xA0\x80", "\xF8\x88\x80\x80\x80"}) {
    canvas.text({10, 40}, broken, 20, kInk);
    CHECK(std::isfinite(text_width(broken, 20)));
  }
  // An interrupted character ends where the next begins: the "b" is not swallowed.
  CHECK(text_width("\xE2"
                   "b",
                   20) > text_width("b", 20));
}

TEST_CASE("Text never writes outside the canvas", "[canvas]") {
  // Under the address sanitizer a stray write would be fatal; here the inside must be right too.
  for (const float x : {-1000.0f, -40.0f, -3.5f, 0.0f, 25.0f, 49.5f, 60.0f, 5000.0f}) {
    for (const float y : {-100.0f, 0.0f, 3.0f, 20.0f, 31.0f, 500.0f}) {
      Canvas canvas(50, 30, kPaper);
      canvas.text({x, y}, "Wjgq \u00D7 \u221E 0.25", 26, kInk);
      Canvas large(50 + 200, 30 + 200, kPaper);
      large.text({x + 100, y + 100}, "Wjgq \u00D7 \u221E 0.25", 26, kInk);
      int largest_difference = 0;  // Positions differ by a rounding.
      for (int py = 0; py < 30; ++py) {
        for (int px = 0; px < 50; ++px) {
          const int difference = canvas.at(px, py).r - large.at(px + 100, py + 100).r;
          largest_difference = std::max(largest_difference, std::abs(difference));
        }
      }
      CHECK(largest_difference <= 4);
    }
  }
}

TEST_CASE("Long text is broken at spaces and loses no word", "[canvas]") {
  const std::string text = "FGSM, L-inf, epsilon 0.1, clipped, cross-entropy; accuracy on images";
  for (const float width : {60.0f, 150.0f, 300.0f, 5000.0f}) {
    const auto lines = wrap_text(text, 15, width);
    std::string joined;
    for (const auto& line : lines) {
      if (line.find(' ') != std::string::npos) CHECK(text_width(line, 15) <= width);
      joined += (joined.empty() ? "" : " ") + line;
    }
    CHECK(joined == text);
  }
  CHECK(wrap_text(text, 15, 5000).size() == 1);
  CHECK(wrap_text(text, 15, 150).size() > 2);
  CHECK(wrap_text("", 15, 100).empty());
}

TEST_CASE("Colours mix evenly and stay within the two", "[canvas]") {
  CHECK(mix({0, 100, 255}, {255, 0, 255}, 0) == Color{0, 100, 255});
  CHECK(mix({0, 100, 255}, {255, 0, 255}, 1) == Color{255, 0, 255});
  CHECK(mix({0, 100, 255}, {200, 0, 255}, 0.5f) == Color{100, 50, 255});
  CHECK(mix({0, 0, 0}, {200, 200, 200}, 7) == Color{200, 200, 200});
  CHECK(mix({9, 9, 9}, {200, 200, 200}, -7) == Color{9, 9, 9});
}
