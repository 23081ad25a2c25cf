#include "pictures/curves.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "pictures/palette.h"

namespace inoculate {
namespace {

constexpr Color kGrid{229, 227, 221};
constexpr Color kAxis{160, 163, 170};

/// Colours that stay apart for colour-blind eyes (after Okabe and Ito), dark enough for text.
constexpr std::array<Color, 6> kPalette = {
    {{0, 104, 168}, {204, 84, 0}, {0, 128, 92}, {168, 78, 134}, {60, 140, 190}, {150, 110, 0}}};

constexpr float kTitleSize = 22;
constexpr float kTextSize = 15;
constexpr float kLineWidth = 2.25f;
constexpr float kEndDot = 8;
constexpr float kPointDot = 5.5f;
constexpr std::size_t kMostPointDots = 12;  // Longer curves are lines only.

constexpr int kMargin = 40;
constexpr int kPanelGap = 48;
constexpr int kPlotWidth = 470;
constexpr int kPlotHeight = 310;
constexpr int kHeader = 80;     // Title and y label, above the plot.
constexpr int kUnderPlot = 62;  // Tick labels and x label.
constexpr int kPlotBorder = 6;
constexpr int kTickGap = 10;      // Between tick labels and the plot.
constexpr int kLabelGap = 16;     // Between the plot and the names of the lines.
constexpr float kLabelLine = 20;  // Least distance between two names.
constexpr std::size_t kChartsInRow = 3;

constexpr double kLargestDrawn = 1e100;  // Keeps differences of values finite.

std::string format(const char* pattern, int precision, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, precision, value);
  std::string result = text.data();
  if (result.starts_with('-')) result.replace(0, 1, "−");
  return result;
}

/// The last value of a line, for its name: four decimals as in the log where they say enough.
std::string last_value(double value) {
  const double size = std::abs(value);
  return size >= 0.001 && size < 100 ? format("%.*f", 4, value) : format("%.*g", 4, value);
}

/// One axis: a range of values, where it lies in pixels, and its ticks.
struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  std::vector<double> ticks;
  int decimals = 0;

  /// Share of the way from low to high, beyond 0..1 for values outside.
  double share(double value) const {
    return logarithmic ? std::log(value / low) / std::log(high / low)
                       : (value - low) / (high - low);
  }
  std::string label(double tick) const {
    if (logarithmic || std::abs(tick) >= 1e6) return format("%.*g", 4, tick);
    return format("%.*f", decimals, tick == 0 ? 0.0 : tick);
  }
};

/// The smallest of 1, 2, 5 times a power of ten that is at least `value`.
double round_up_125(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= value * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// The largest of 1, 2, 5 times a power of ten that is at most `value`.
double round_down_125(double value) { return 1 / round_up_125(1 / value); }

/// An axis with evenly spaced ticks. `expand` moves the ends out to whole ticks.
Axis linear_axis(double low, double high, bool expand, bool whole_steps) {
  if (high - low < 1e-9 * std::max({std::abs(low), std::abs(high), 1e-9})) {
    const double around = low == 0 || whole_steps ? 0.4 : std::abs(low) / 2;
    low -= around;
    high += around;
  }
  constexpr double kWantedSteps = 6;
  double step = round_up_125((high - low) / kWantedSteps);
  if (whole_steps) step = std::max(step, 1.0);
  Axis axis;
  axis.low = expand ? step * std::floor(low / step + 1e-6) : low;
  axis.high = expand ? step * std::ceil(high / step - 1e-6) : high;
  axis.decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-6)), 0, 12);
  const double first = std::ceil(axis.low / step - 1e-6);
  const double last = std::floor(axis.high / step + 1e-6);
  // Epochs begin at 1, which no step of 5 would show.
  if (whole_steps && first * step - axis.low >= step / 2) axis.ticks.push_back(axis.low);
  for (double i = first; i <= last; ++i) axis.ticks.push_back(i * step);
  return axis;
}

/// A logarithmic axis; ticks at 1, 2, 5, or at powers of ten where those would be too many.
Axis log_axis(double low, double high, bool expand) {
  Axis axis;
  axis.logarithmic = true;
  axis.low = expand ? round_down_125(low) : low;
  axis.high = expand ? round_up_125(high) : high;
  if (axis.high <= axis.low * (1 + 1e-9)) {
    axis.low /= 2;
    axis.high *= 2;
  }
  constexpr double kMostFineDecades = 2.5;
  constexpr double kMostTicks = 8;
  const double decades = std::log10(axis.high / axis.low);
  const double stride = std::ceil(decades / kMostTicks);
  for (double power = std::floor(std::log10(axis.low)); power <= std::log10(axis.high) + 1e-9;
       power += stride) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && decades > kMostFineDecades) break;
      const double tick = factor * std::pow(10.0, power);
      if (tick >= axis.low * (1 - 1e-9) && tick <= axis.high * (1 + 1e-9)) {
        axis.ticks.push_back(tick);
      }
    }
  }
  return axis;
}

struct Value {
  double x = 0;
  double y = 0;
};

/// A curve as the runs of values that can be drawn.
std::vector<std::vector<Value>> runs(const Curve& curve, bool log_y) {
  assert(curve.x.empty() || curve.x.size() == curve.y.size());
  std::vector<std::vector<Value>> result;
  bool open = false;
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const Value value{curve.x.empty() ? static_cast<double>(i + 1) : curve.x[i], curve.y[i]};
    const bool drawable = std::abs(value.x) <= kLargestDrawn &&
                          std::abs(value.y) <= kLargestDrawn &&
                          (!log_y || value.y >= 1 / kLargestDrawn);
    if (drawable && !open) result.emplace_back();
    if (drawable) result.back().push_back(value);
    open = drawable;
  }
  return result;
}

/// A line ready to draw, and the name at its end.
struct Line {
  Color color;
  std::vector<std::vector<Value>> runs;
  std::string label;
  Value last;
};

/// A chart measured: its axes, lines and how much room the words beside the plot need.
struct Panel {
  const Chart* chart = nullptr;
  Axis x;
  Axis y;
  std::vector<Line> lines;
  int left = 0;
  int width = 0;
};

Panel measure(const Chart& chart) {
  Panel panel;
  assert(!chart.y_range || (chart.y_range->first < chart.y_range->second &&
                            (!chart.log_y || chart.y_range->first > 0)));
  panel.chart = &chart;
  std::vector<Value> all;
  float label_width = 0;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    Line line{kPalette[i % kPalette.size()], runs(chart.curves[i], chart.log_y), "", {}};
    if (line.runs.empty()) continue;
    for (const auto& run : line.runs) all.insert(all.end(), run.begin(), run.end());
    line.last = line.runs.back().back();
    line.label = chart.curves[i].name + "  " + last_value(line.last.y);
    label_width = std::max(label_width, text_width(line.label, kTextSize));
    panel.lines.push_back(std::move(line));
  }
  if (!all.empty()) {
    const auto by_x = [](const Value& a, const Value& b) { return a.x < b.x; };
    const auto by_y = [](const Value& a, const Value& b) { return a.y < b.y; };
    const auto [left, right] = std::minmax_element(all.begin(), all.end(), by_x);
    const auto [bottom, top] = std::minmax_element(all.begin(), all.end(), by_y);
    const bool whole =
        std::all_of(all.begin(), all.end(), [](const Value& v) { return v.x == std::round(v.x); });
    panel.x = linear_axis(left->x, right->x, false, whole);
    const double low = chart.y_range ? chart.y_range->first : bottom->y;
    const double high = chart.y_range ? chart.y_range->second : top->y;
    panel.y = chart.log_y ? log_axis(low, high, !chart.y_range)
                          : linear_axis(low, high, !chart.y_range, false);
  }
  float tick_width = 0;
  for (const double tick : panel.y.ticks) {
    tick_width = std::max(tick_width, text_width(panel.y.label(tick), kTextSize));
  }
  panel.left = static_cast<int>(std::ceil(tick_width)) + kTickGap;
  const float words =
      std::max(text_width(chart.title, kTitleSize), text_width(chart.y_label, kTextSize));
  panel.width =
      std::max(panel.left + kPlotWidth + kLabelGap + static_cast<int>(std::ceil(label_width)),
               static_cast<int>(std::ceil(words)));
  return panel;
}

/// Moves positions, sorted from the top, apart by at least `gap` within [top, bottom].
void spread(std::vector<float>& positions, float gap, float top, float bottom) {
  if (positions.size() > 1) {
    gap = std::min(gap, (bottom - top) / static_cast<float>(positions.size() - 1));
  }
  // Neighbours that would touch form a block around the mean of where they wish to be.
  struct Block {
    float sum;
    std::size_t count;
  };
  std::vector<Block> blocks;
  const auto start_of = [&](const Block& b) {
    const float height = gap * static_cast<float>(b.count - 1);
    return std::clamp(b.sum / static_cast<float>(b.count) - height / 2, top,
                      std::max(bottom - height, top));
  };
  for (const float position : positions) {
    blocks.push_back({position, 1});
    while (blocks.size() > 1) {
      const Block& upper = blocks[blocks.size() - 2];
      const Block& lower = blocks.back();
      const float free = start_of(upper) + gap * static_cast<float>(upper.count);
      if (start_of(lower) >= free - 1e-3f) break;
      const Block merged{upper.sum + lower.sum, upper.count + lower.count};
      blocks.pop_back();
      blocks.back() = merged;
    }
  }
  std::size_t i = 0;
  for (const Block& block : blocks) {
    for (std::size_t k = 0; k < block.count; ++k) {
      positions[i++] = start_of(block) + gap * static_cast<float>(k);
    }
  }
}

/// Where the values of a panel lie on the canvas.
struct Plot {
  const Panel& panel;
  Rect area;

  Point at(const Value& value) const {
    // Far outside is as good as infinitely far, and safe to draw.
    constexpr double kFar = 20;
    const double across = std::clamp(panel.x.share(value.x), -kFar, kFar);
    const double up = std::clamp(panel.y.share(value.y), -kFar, kFar);
    return {static_cast<float>(area.x + across * area.width),
            static_cast<float>(area.y + (1 - up) * area.height)};
  }
};

void draw_ticks(Canvas& canvas, const Plot& plot) {
  const Rect& area = plot.area;
  for (const double tick : plot.panel.y.ticks) {
    const float y = plot.at({plot.panel.x.low, tick}).y;
    canvas.text({static_cast<float>(area.x - kTickGap), y + 5}, plot.panel.y.label(tick), kTextSize,
                kQuiet, Align::kRight);
  }
  const int bottom = area.y + area.height;
  for (const double tick : plot.panel.x.ticks) {
    const float x = plot.at({tick, plot.panel.y.low}).x;
    canvas.fill_rect({static_cast<int>(std::lround(x)), bottom, 1, 6}, kAxis);
    canvas.text({x, static_cast<float>(bottom + 23)}, plot.panel.x.label(tick), kTextSize, kQuiet,
                Align::kCentre);
  }
}

void draw_grid(Canvas& canvas, const Plot& plot) {
  const Rect& area = plot.area;
  for (const double tick : plot.panel.y.ticks) {
    const float y = plot.at({plot.panel.x.low, tick}).y;
    canvas.fill_rect({area.x, static_cast<int>(std::lround(y)), area.width, 1}, kGrid);
  }
  canvas.fill_rect({area.x, area.y + area.height, area.width + 1, 1}, kAxis);
}

void draw_lines(Canvas& canvas, const Plot& plot) {
  // Last to first, so that the first curve, usually the one of interest, lies on top.
  for (auto line = plot.panel.lines.rbegin(); line != plot.panel.lines.rend(); ++line) {
    for (const auto& run : line->runs) {
      std::vector<Point> points;
      for (const Value& value : run) points.push_back(plot.at(value));
      canvas.polyline(points, kLineWidth, line->color);
      if (run.size() > kMostPointDots) continue;
      for (const Point& point : points) canvas.polyline({&point, 1}, kPointDot, line->color);
    }
    const Point end = plot.at(line->last);
    canvas.polyline({&end, 1}, kEndDot, line->color);
  }
}

void draw_labels(Canvas& canvas, const Plot& plot) {
  const Rect& area = plot.area;
  std::vector<const Line*> lines;
  for (const Line& line : plot.panel.lines) lines.push_back(&line);
  std::stable_sort(lines.begin(), lines.end(), [&](const Line* a, const Line* b) {
    return plot.at(a->last).y < plot.at(b->last).y;
  });
  const auto top = static_cast<float>(area.y);
  const auto bottom = static_cast<float>(area.y + area.height);
  std::vector<float> positions;
  for (const Line* line : lines) {
    positions.push_back(std::clamp(plot.at(line->last).y, top, bottom));
  }
  spread(positions, kLabelLine, top, bottom);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Point end = plot.at(lines[i]->last);
    const Point label{static_cast<float>(area.x + area.width + kLabelGap), positions[i]};
    if (std::abs(end.y - label.y) > 3 || label.x - end.x > kLabelGap + 1) {
      const std::array<Point, 2> leader = {
          {{end.x, std::clamp(end.y, top, bottom)}, {label.x - 4, label.y}}};
      canvas.polyline(leader, 1, mix(lines[i]->color, kPaper, 0.55f));
    }
    canvas.text({label.x, label.y + 5}, lines[i]->label, kTextSize, lines[i]->color);
  }
}

void draw_panel(Canvas& canvas, const Panel& panel, int x, int y) {
  const Plot plot{panel, {x + panel.left, y + kHeader, kPlotWidth, kPlotHeight}};
  const Rect& area = plot.area;
  if (panel.lines.empty()) {
    canvas.frame(area, 1, kGrid);
    canvas.text({static_cast<float>(area.x) + kPlotWidth / 2.0f,
                 static_cast<float>(area.y) + kPlotHeight / 2.0f},
                "no values to draw", kTextSize, kQuiet, Align::kCentre);
  } else {
    // Drawn apart, so that lines which leave the given range end at the edge of the plot; the
    // border leaves room for the width of a line and its dots.
    Canvas inside(area.width + 2 * kPlotBorder, area.height + 2 * kPlotBorder, kPaper);
    const Plot shifted{panel, {kPlotBorder, kPlotBorder, area.width, area.height}};
    draw_grid(inside, shifted);
    draw_lines(inside, shifted);
    canvas.blit(inside,
                {area.x - kPlotBorder, area.y - kPlotBorder, inside.width(), inside.height()});
    draw_ticks(canvas, plot);
  }
  const auto left = static_cast<float>(x);
  canvas.text({left, static_cast<float>(y) + 22}, panel.chart->title, kTitleSize, kInk);
  canvas.text({left, static_cast<float>(y) + 48}, panel.chart->y_label, kTextSize, kQuiet);
  canvas.text({static_cast<float>(area.x) + kPlotWidth / 2.0f,
               static_cast<float>(area.y + area.height) + 50},
              panel.chart->x_label, kTextSize, kQuiet, Align::kCentre);
  draw_labels(canvas, plot);
}

}  // namespace

Canvas draw_charts(const std::vector<Chart>& charts) {
  std::vector<Panel> panels;
  for (const Chart& chart : charts) panels.push_back(measure(chart));
  constexpr int kPanelHeight = kHeader + kPlotHeight + kUnderPlot;
  int width = 2 * kMargin + kPlotWidth;
  int height = 2 * kMargin + kPanelHeight;
  for (std::size_t row = 0; row < panels.size(); row += kChartsInRow) {
    int row_width = 2 * kMargin - kPanelGap;
    for (std::size_t i = row; i < std::min(row + kChartsInRow, panels.size()); ++i) {
      row_width += panels[i].width + kPanelGap;
    }
    width = std::max(width, row_width);
    if (row > 0) height += kPanelHeight + kPanelGap;
  }
  Canvas canvas(width, height, kPaper);
  int x = kMargin;
  int y = kMargin;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    if (i > 0 && i % kChartsInRow == 0) {
      x = kMargin;
      y += kPanelHeight + kPanelGap;
    }
    draw_panel(canvas, panels[i], x, y);
    x += panels[i].width + kPanelGap;
  }
  return canvas;
}

}  // namespace inoculate
