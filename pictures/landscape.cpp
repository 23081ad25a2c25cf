#include "pictures/landscape.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <map>

#include "pictures/frame.h"
#include "pictures/height_scale.h"
#include "pictures/surface.h"

namespace inoculate {
namespace {

constexpr int kMap = 408;
constexpr int kPanelGap = 72;
constexpr int kLeft = 44;  // for the numbers of the upright axis
constexpr int kSurfaceHeight = 330;
constexpr int kLegendLine = 24;
constexpr int kAxisRoom = 56;  // below a map: numbers and the axis's name
constexpr int kScaleRoom = 64;

/// Colours of classes, in the order of how much of the maps they cover; others are grey.
constexpr std::array<Color, 10> kClassColors{{{66, 110, 172},
                                              {214, 120, 62},
                                              {84, 152, 96},
                                              {176, 74, 90},
                                              {132, 104, 176},
                                              {150, 116, 82},
                                              {206, 138, 182},
                                              {178, 170, 66},
                                              {76, 168, 178},
                                              {120, 126, 136}}};

std::string format(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

/// The classes that the panels show, those of the most points first.
std::vector<int> shown_classes(const LandscapePicture& picture) {
  std::map<int, int> counts;
  for (const LandscapePanel& panel : picture.panels) {
    for (const int c : panel.classes) ++counts[c];
  }
  std::vector<int> classes;
  for (const auto& [c, count] : counts) classes.push_back(c);
  std::stable_sort(classes.begin(), classes.end(),
                   [&](int a, int b) { return counts[a] > counts[b]; });
  return classes;
}

std::string name_of(const LandscapePicture& picture, int number) {
  const auto i = static_cast<std::size_t>(number);
  return i < picture.class_names.size() ? picture.class_names[i] : std::to_string(number);
}

class Painter {
 public:
  explicit Painter(const LandscapePicture& picture)
      : picture_(picture), classes_(shown_classes(picture)) {
    std::vector<double> heights;
    for (const LandscapePanel& panel : picture.panels) {
      heights.insert(heights.end(), panel.heights.begin(), panel.heights.end());
    }
    scale_ = scale_of(std::move(heights));
  }

  Canvas draw() {
    const int panels = static_cast<int>(picture_.panels.size());
    const int width = std::max(2 * kMargin + panels * (kLeft + kMap + kPanelGap) - kPanelGap, 760);
    const Frame frame(picture_.title, picture_.footer, width);
    const int maps = frame.top() + 44;
    const int legend = maps + kMap + kAxisRoom;
    const int surfaces = legend + legend_height(width);
    Canvas canvas = frame.canvas(surfaces + kSurfaceHeight + 24);
    for (int i = 0; i < panels; ++i) {
      const LandscapePanel& panel = picture_.panels[static_cast<std::size_t>(i)];
      const Rect where{kMargin + kLeft + i * (kLeft + kMap + kPanelGap), maps, kMap, kMap};
      draw_map(canvas, panel, where);
      draw_axes(canvas, panel, where);
      draw_surface(canvas, {where.x - kLeft / 2, surfaces, kMap + kLeft / 2, kSurfaceHeight},
                   shares_of(panel, true), panel.side, kPaper,
                   [&](int x, int y) { return cell_color(panel, x, panel.side - 1 - y); });
    }
    draw_legend(canvas, legend, width);
    return canvas;
  }

 private:
  // Rows from the lowest b on, or, for who looks from the front, from the highest.
  std::vector<double> shares_of(const LandscapePanel& panel, bool from_the_back) const {
    std::vector<double> shares;
    for (int y = 0; y < panel.side; ++y) {
      for (int x = 0; x < panel.side; ++x) {
        const int row = from_the_back ? panel.side - 1 - y : y;
        shares.push_back(
            scale_.share(panel.heights[static_cast<std::size_t>(row * panel.side + x)]));
      }
    }
    return shares;
  }

  Color class_color(int number) const {
    const auto place = static_cast<std::size_t>(
        std::find(classes_.begin(), classes_.end(), number) - classes_.begin());
    return kClassColors[std::min(place, kClassColors.size() - 1)];
  }

  Color cell_color(const LandscapePanel& panel, int x, int row) const {
    const auto i = static_cast<std::size_t>(row * panel.side + x);
    if (panel.classes.empty()) return height_color(scale_.share(panel.heights[i]));
    const double share = panel.shares.empty() ? 1 : panel.shares[i];
    return mix(kWhite, class_color(panel.classes[i]), static_cast<float>(0.25 + 0.75 * share));
  }

  // The height between the points, for a smooth map.
  double smooth_share(const std::vector<double>& shares, int side, double x, double y) const {
    const int x0 = std::clamp(static_cast<int>(x), 0, side - 2);
    const int y0 = std::clamp(static_cast<int>(y), 0, side - 2);
    const double tx = x - x0, ty = y - y0;
    const auto at = [&](int column, int row) {
      return shares[static_cast<std::size_t>(row * side + column)];
    };
    return (1 - ty) * ((1 - tx) * at(x0, y0) + tx * at(x0 + 1, y0)) +
           ty * ((1 - tx) * at(x0, y0 + 1) + tx * at(x0 + 1, y0 + 1));
  }

  void draw_map(Canvas& canvas, const LandscapePanel& panel, const Rect& where) const {
    const std::vector<double> shares = shares_of(panel, false);
    const double cells = panel.side - 1;
    for (int py = 0; py < where.height; ++py) {
      for (int px = 0; px < where.width; ++px) {
        const double x = cells * px / (where.width - 1);
        const double y = cells * (where.height - 1 - py) / (where.height - 1);
        const Color color = panel.classes.empty()
                                ? height_color(smooth_share(shares, panel.side, x, y))
                                : cell_color(panel, static_cast<int>(std::lround(x)),
                                             static_cast<int>(std::lround(y)));
        canvas.fill_rect({where.x + px, where.y + py, 1, 1}, color);
      }
    }
    const auto place = [&](const Point& p) -> Point {
      return {static_cast<float>(where.x) + p.x / static_cast<float>(cells) * kMap,
              static_cast<float>(where.y) + kMap - p.y / static_cast<float>(cells) * kMap};
    };
    for (const double height : contour_heights(scale_)) {
      const double level = scale_.share(height);
      const Color ink = panel.classes.empty() ? mix(height_color(level), {0, 0, 0}, 0.35F) : kInk;
      for (const ContourPiece& piece : contour(shares, panel.side, level)) {
        const std::array<Point, 2> line{place(piece.from), place(piece.to)};
        canvas.polyline(line, panel.classes.empty() ? 1.3F : 0.8F, ink);
      }
    }
    if (picture_.tip > 0 && picture_.tip <= picture_.range) draw_tip(canvas, where);
    const Point middle{static_cast<float>(where.x) + kMap / 2.0F,
                       static_cast<float>(where.y) + kMap / 2.0F};
    canvas.polyline({&middle, 1}, 9, kWhite);
    canvas.polyline({&middle, 1}, 6, kInk);
    canvas.frame(where, 1, kLine);
  }

  void draw_tip(Canvas& canvas, const Rect& where) const {
    const auto reach = static_cast<float>(picture_.tip / picture_.range * kMap / 2);
    const Point c{static_cast<float>(where.x) + kMap / 2.0F,
                  static_cast<float>(where.y) + kMap / 2.0F};
    const std::array<Point, 5> square{{{c.x + reach, c.y},
                                       {c.x, c.y + reach},
                                       {c.x - reach, c.y},
                                       {c.x, c.y - reach},
                                       {c.x + reach, c.y}}};
    canvas.polyline(square, 5, kWhite);
    canvas.polyline(square, 2.5F, kInk);
    canvas.text({c.x + reach / 2 + 8, c.y - reach / 2 - 6}, picture_.tip_label, kNoteSize, kInk);
  }

  void draw_axes(Canvas& canvas, const LandscapePanel& panel, const Rect& where) const {
    canvas.text({static_cast<float>(where.x), static_cast<float>(where.y) - 14},
                cut_text(panel.title, kHeadingSize, kMap), kHeadingSize, kInk);
    for (const int tick : {-1, 0, 1}) {
      const std::string words = tick < 0   ? "−" + format(picture_.range)
                                : tick > 0 ? format(picture_.range)
                                           : "0";
      const float along = kMap * static_cast<float>(tick + 1) / 2;
      canvas.text({static_cast<float>(where.x) + along, static_cast<float>(where.y) + kMap + 20},
                  words, kNoteSize, kQuiet,
                  tick < 0   ? Align::kLeft
                  : tick > 0 ? Align::kRight
                             : Align::kCentre);
      canvas.text({static_cast<float>(where.x) - 7,
                   static_cast<float>(where.y) + kMap - along + (tick > 0 ? 12.0F : 2.0F)},
                  words, kNoteSize, kQuiet, Align::kRight);
    }
    canvas.text({static_cast<float>(where.x), static_cast<float>(where.y) + kMap + 42},
                "across: " + picture_.x_label + "; up: " + picture_.y_label, kNoteSize, kQuiet);
  }

  // Where each class's name stands in the legend: column and row.
  int legend_columns(int width) const { return std::max(1, (width - 2 * kMargin) / 190); }
  int legend_height(int width) const {
    if (classes_.empty()) return kScaleRoom;
    const int columns = legend_columns(width);
    const int names = static_cast<int>(std::min(classes_.size(), kClassColors.size()));
    return (names + columns - 1) / columns * kLegendLine + 20;
  }

  void draw_legend(Canvas& canvas, int y, int width) const {
    if (!classes_.empty()) {
      const int columns = legend_columns(width);
      for (std::size_t i = 0; i < std::min(classes_.size(), kClassColors.size()); ++i) {
        const int x = kMargin + kLeft + static_cast<int>(i) % columns * 190;
        const int row = y + static_cast<int>(i) / columns * kLegendLine + 8;
        canvas.fill_rect({x, row, 14, 14}, kClassColors[i]);
        const bool rest = i + 1 == kClassColors.size() && classes_.size() > kClassColors.size();
        canvas.text({static_cast<float>(x) + 21, static_cast<float>(row) + 12.5F},
                    cut_text(rest ? "others" : name_of(picture_, classes_[i]), kNoteSize, 160),
                    kNoteSize, kInk);
      }
      return;
    }
    const int length = kMap;
    const Rect bar{kMargin + kLeft, y + 10, length, 14};
    for (int x = 0; x < length; ++x) {
      canvas.fill_rect({bar.x + x, bar.y, 1, bar.height},
                       height_color(static_cast<double>(x) / (length - 1)));
    }
    canvas.frame(bar, 1, kLine);
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      canvas.text({static_cast<float>(bar.x + share * length), static_cast<float>(bar.y) + 32},
                  format(scale_.height(share)), kNoteSize, kQuiet,
                  share == 0   ? Align::kLeft
                  : share == 1 ? Align::kRight
                               : Align::kCentre);
    }
    canvas.text({static_cast<float>(bar.x + length + 16), static_cast<float>(bar.y) + 13},
                picture_.height_label + (scale_.logarithmic ? ", logarithmic" : ""), kNoteSize,
                kInk);
  }

  const LandscapePicture& picture_;
  std::vector<int> classes_;
  HeightScale scale_;
};

}  // namespace

Canvas draw_landscape(const LandscapePicture& picture) { return Painter(picture).draw(); }

}  // namespace inoculate
