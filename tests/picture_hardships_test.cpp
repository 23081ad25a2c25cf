// Pictures with more in them than a digit, or with hardly any of it: specks, drawn frames, an edge
// in the shade, transparent ground, hairlines, a digit that is small in a photograph.
#include "digit_pages.h"

using namespace inoculate;

namespace {

// Fewer than for the conditions that were measured when people stumbled over them.
constexpr int kSome = kDigits / 2;

PreparedDigit prepare(Page page, const Paint& color) {
  return prepare_picture(paint(page, color), "t");
}

/// `paint` where `covered` is not, and ink of this grey where it is.
Paint with_mark(Paint paint, double ink, std::function<bool(const Page&, int, int)> covered) {
  return
      [=](Page& page, int x, int y) { return covered(page, x, y) ? grey(ink) : paint(page, x, y); };
}

/// A page with a margin of a third of the digit's frame on every side.
Page with_margin(const std::uint8_t* pixels, unsigned seed) {
  RandomData random(seed);
  const double scale = static_cast<double>(random.number(4.0F, 9.0F));
  const int side = static_cast<int>(28 * scale * 1.67);
  return lay(pixels, side, side, scale, (side - 28 * scale) / 2, (side - 28 * scale) / 2, seed + 1);
}

/// The middle lines of strokes, one pixel wide (Zhang and Suen, "A Fast Parallel Algorithm for
/// Thinning Digital Patterns", 1984).
std::vector<char> thinned(std::vector<char> ink, int width, int height) {
  const auto at = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < width && y < height;
    return inside ? int{ink[static_cast<std::size_t>(y * width + x)]} : 0;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const bool second : {false, true}) {
      std::vector<std::size_t> gone;
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          if (at(x, y) == 0) continue;
          const std::array<int, 8> round = {at(x, y - 1),     at(x + 1, y - 1), at(x + 1, y),
                                            at(x + 1, y + 1), at(x, y + 1),     at(x - 1, y + 1),
                                            at(x - 1, y),     at(x - 1, y - 1)};
          int neighbours = 0, starts = 0;
          for (std::size_t i = 0; i < 8; ++i) {
            neighbours += round[i];
            starts += round[i] == 0 && round[(i + 1) % 8] == 1;
          }
          const auto [north, ne, east, se, south, sw, west, nw] = round;
          const bool edge = second ? north * east * west == 0 && north * south * west == 0
                                   : north * east * south == 0 && east * south * west == 0;
          if (neighbours < 2 || neighbours > 6 || starts != 1 || !edge) continue;
          gone.push_back(static_cast<std::size_t>(y * width + x));
        }
      }
      for (const std::size_t i : gone) ink[i] = 0;
      changed |= !gone.empty();
    }
  }
  return ink;
}

/// The digit as lines of one pixel on a page of about 450 x 450 pixels: its middle lines at four
/// times their size.
Page hairlines(const std::uint8_t* pixels, unsigned seed) {
  constexpr int kScale = 4, kSide = 28 * kScale;
  const Page large = lay(pixels, kSide, kSide, kScale, 0, 0, seed);
  std::vector<char> ink;
  for (const double value : large.ink) ink.push_back(value > 0.5);
  ink = thinned(std::move(ink), kSide, kSide);
  constexpr int kWide = kScale * kSide;
  Page page{kWide, kWide, std::vector<double>(kWide * kWide), RandomData(seed)};
  const auto set = [&](int x, int y) { return ink[static_cast<std::size_t>(y * kSide + x)] != 0; };
  for (int y = 1; y < kSide - 1; ++y) {
    for (int x = 1; x < kSide - 1; ++x) {
      if (!set(x, y)) continue;
      for (const auto& [dx, dy] : {std::pair{1, 0}, {0, 1}, {1, 1}, {-1, 1}}) {
        if (!set(x + dx, y + dy)) continue;
        for (int step = 0; step <= kScale; ++step) {
          const int u = kScale * x + dx * step, v = kScale * y + dy * step;
          page.ink[static_cast<std::size_t>(v * kWide + u)] = 1;
        }
      }
    }
  }
  return page;
}

}  // namespace

TEST_CASE("hairlines are thickened to what the network knows", "[picture]") {
  check_condition(95, [](const std::uint8_t* pixels, unsigned seed) {
    return prepare(hairlines(pixels, seed), in(255, 0));
  });
  const Dataset digits = some_digits();
  const PreparedDigit digit = prepare(hairlines(digits.pixels.data(), 1), in(255, 0));
  CHECK(digit.how.find("strokes thickened") != std::string::npos);
}

TEST_CASE("specks do not decide the box", "[picture]") {
  check_condition(
      95,
      [](const std::uint8_t* pixels, unsigned seed) {
        Page page = large_page(pixels, seed);
        struct Speck {
          int x, y, radius;
        };
        std::vector<Speck> specks = {{2, 2, 1}, {page.width - 3, page.height - 3, 1}};
        for (int i = 0; i < 20; ++i) {
          specks.push_back({page.random.below(page.width), page.random.below(page.height),
                            page.random.below(page.width > 150 ? 3 : 2)});
        }
        return prepare(std::move(page), with_mark(in(245, 20), 30, [=](const Page&, int x, int y) {
                         return std::any_of(specks.begin(), specks.end(), [&](const Speck& s) {
                           return std::hypot(x - s.x, y - s.y) <= s.radius + 0.1;
                         });
                       }));
      },
      kSome);
}

TEST_CASE("a rectangle drawn round the digit is dropped", "[picture]") {
  check_condition(
      93,
      [](const std::uint8_t* pixels, unsigned seed) {
        const auto line = [](const Page& page, int x, int y) {
          const int inset = page.width / 20, thick = 1 + page.width / 100;
          const int edge = std::min({x, y, page.width - 1 - x, page.height - 1 - y});
          return edge >= inset && edge < inset + thick;
        };
        return prepare(with_margin(pixels, seed), with_mark(in(250, 20), 20, line));
      },
      kSome);
}

TEST_CASE("a dark strip along one edge is dropped", "[picture]") {
  check_condition(
      93,
      [](const std::uint8_t* pixels, unsigned seed) {
        const auto strip = [=](const Page& page, int x, int y) {
          const int thick = 2 + page.width / 25;
          const std::array<int, 4> edges = {x, y, page.width - 1 - x, page.height - 1 - y};
          return edges[seed / 7 % 4] < thick;
        };
        return prepare(with_margin(pixels, seed), with_mark(in(240, 30), 15, strip));
      },
      kSome);
}

TEST_CASE("ink on a transparent ground is read, dark or light", "[picture]") {
  for (const int ink : {0, 255}) {
    DYNAMIC_SECTION("ink " << ink) {
      check_condition(
          95,
          [=](const std::uint8_t* pixels, unsigned seed) {
            Page page = large_page(pixels, seed);
            ColorPicture picture = paint(page, in(ink, ink));
            // What a transparent pixel's colour is says nothing.
            for (std::size_t i = 0; i < page.ink.size(); ++i) {
              picture.rgba[4 * i + 3] = static_cast<std::uint8_t>(std::lround(255 * page.ink[i]));
              if (page.ink[i] == 0) picture.rgba[4 * i] = static_cast<std::uint8_t>(i % 251);
            }
            return prepare_picture(picture, "t");
          },
          kSome);
    }
  }
}

TEST_CASE("a digit that is small in a photograph is read", "[picture]") {
  check_condition(
      90,
      [](const std::uint8_t* pixels, unsigned seed) {
        // 1600 x 1200 pixels of paper in uneven light, with noise, of which the digit takes 40
        // to 80.
        constexpr int kWidth = 1600, kHeight = 1200;
        RandomData random(seed);
        const double scale = static_cast<double>(random.number(2.0F, 4.0F));
        const int side = static_cast<int>(28 * scale) + 2;
        const Page digit = lay(pixels, side, side, scale, 1, 1, seed + 1);
        const int left = 100 + random.below(kWidth - side - 200);
        const int top = 100 + random.below(kHeight - side - 200);
        std::array<int, 1024> noise{};
        for (int& value : noise) value = static_cast<int>(std::lround(4 * normal(random)));
        ColorPicture picture{kWidth, kHeight, {}};
        picture.rgba.reserve(std::size_t{4} * kWidth * kHeight);
        for (int y = 0; y < kHeight; ++y) {
          const auto shift = static_cast<std::size_t>(random.below(1024));
          for (int x = 0; x < kWidth; ++x) {
            const int u = x - left, v = y - top;
            const bool inside = u >= 0 && v >= 0 && u < side && v < side;
            const int paper = 235 - 40 * x / kWidth - 20 * y / kHeight;
            const int ink = inside ? static_cast<int>(-170 * digit.at(u, v)) : 0;
            const int value = paper + ink + noise[(static_cast<std::size_t>(x) + shift) % 1024];
            const auto grey = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
            picture.rgba.insert(picture.rgba.end(), {grey, grey, grey, 255});
          }
        }
        return prepare_picture(picture, "t");
      },
      kSome);
}
