#include "native/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "native/html.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr std::array<const char*, kSvgStyles> kDashes{"none",     "7 4", "2 3",
                                                      "10 3 2 3", "5 2", "1 5"};

constexpr double kTop = 30;  // above the axes, for the name of the upright one
constexpr double kBottom = 44;
constexpr double kLeft = 40;
constexpr double kLineHeight = 17;
constexpr double kCharacterWidth = 6.8;

struct Plot {
  double width, height, low, high, x_end;

  double x(double value) const { return kLeft + width * value / x_end; }
  double y(double value) const { return kTop + height * (high - value) / (high - low); }
};

std::string at(double value) { return fixed(value, 1); }

std::string line(double x1, double y1, double x2, double y2, const std::string& name) {
  return "<line class=\"" + name + "\" x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) +
         "\" y2=\"" + at(y2) + "\"/>\n";
}

std::string text(double x, double y, const std::string& anchor, const std::string& words) {
  return element("text", escape(words),
                 "x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\"") +
         "\n";
}

std::string style_class(std::size_t curve) { return "s" + std::to_string(curve % kSvgStyles); }

// The mark of a curve: a disc, a square, triangles, a diamond, a cross.
std::string mark(std::size_t curve, double x, double y, double r, const std::string& more = "") {
  const auto shape = [&](const std::vector<std::pair<double, double>>& points) {
    std::string list;
    for (const auto& [dx, dy] : points) {
      list += (list.empty() ? "" : " ") + at(x + r * dx) + "," + at(y + r * dy);
    }
    return "<polygon class=\"mark " + more + style_class(curve) + "\" points=\"" + list + "\"/>";
  };
  switch (curve % kSvgStyles) {
    case 0:
      return "<circle class=\"mark " + more + style_class(curve) + "\" cx=\"" + at(x) + "\" cy=\"" +
             at(y) + "\" r=\"" + at(r) + "\"/>";
    case 1:
      return shape({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
    case 2:
      return shape({{0, -1.2}, {1.1, 0.8}, {-1.1, 0.8}});
    case 3:
      return shape({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
    case 4:
      return shape({{0, 1.2}, {1.1, -0.8}, {-1.1, -0.8}});
    default:
      return shape({{-0.4, -1.2},
                    {0.4, -1.2},
                    {0.4, -0.4},
                    {1.2, -0.4},
                    {1.2, 0.4},
                    {0.4, 0.4},
                    {0.4, 1.2},
                    {-0.4, 1.2},
                    {-0.4, 0.4},
                    {-1.2, 0.4},
                    {-1.2, -0.4},
                    {-0.4, -0.4}});
  }
}

// Cut to what fits, whole UTF-8 characters only.
std::string cut(const std::string& name, double width) {
  const auto room = static_cast<std::size_t>(width / kCharacterWidth);
  std::size_t characters = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((static_cast<unsigned char>(name[i]) & 0xC0) == 0x80) continue;
    if (++characters > room) {
      std::size_t end = i;  // the last character makes room for the ellipsis
      while (end > 0 && (static_cast<unsigned char>(name[--end]) & 0xC0) == 0x80) {
      }
      return name.substr(0, end) + "\xE2\x80\xA6";
    }
  }
  return name;
}

// A step of 1, 2 or 5 times a power of ten that divides `range` into four to eight or so.
double nice_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= 6) return factor * power;
  }
  return 10 * power;
}

std::string axes(const Chart& chart, const Plot& plot) {
  std::string svg;
  const double y_step = nice_step(plot.high - plot.low);
  for (double v = plot.low; v <= plot.high + y_step / 2; v += y_step) {
    svg += line(kLeft, plot.y(v), kLeft + plot.width, plot.y(v), v == plot.low ? "axis" : "grid");
    svg += text(kLeft - 8, plot.y(v) + 4, "end", number(v));
  }
  const double x_step = nice_step(plot.x_end);
  for (double v = 0; v <= plot.x_end + x_step / 2; v += x_step) {
    svg += line(plot.x(v), kTop + plot.height, plot.x(v), kTop + plot.height + 5, "axis");
    svg += text(plot.x(v), kTop + plot.height + 19, "middle", number(v));
  }
  svg += text(0, 14, "start", chart.y_label);
  svg += text(kLeft + plot.width, kTop + plot.height + 37, "end", chart.x_label);
  return svg;
}

std::string draw_curve(const Curve& curve, std::size_t index, std::size_t curves,
                       const Plot& plot) {
  std::string points, marks;
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const double x = plot.x(curve.x[i]), y = plot.y(curve.y[i]);
    points += (points.empty() ? "" : " ") + at(x) + "," + at(y);
    // Not at the same places on all curves, which may lie on each other.
    const std::size_t apart = std::max<std::size_t>(4, curves);
    if (i % apart == index % apart) marks += mark(index, x, y, 3.6) + "\n";
  }
  return "<polyline class=\"curve " + style_class(index) + "\" stroke-dasharray=\"" +
         kDashes[index % kSvgStyles] + "\" points=\"" + points + "\"/>\n" + marks;
}

// The names at the ends of the lines, moved apart where they would lie on each other.
std::string labels(const Chart& chart, const Plot& plot, double room) {
  std::vector<std::size_t> order(chart.curves.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto area = [](const Curve& c) { return std::accumulate(c.y.begin(), c.y.end(), 0.0); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Curve &left = chart.curves[a], &right = chart.curves[b];
    return std::pair(left.y.back(), area(left)) < std::pair(right.y.back(), area(right));
  });
  std::string svg;
  double above = kTop + plot.height + 4 + kLineHeight;
  const double end = kLeft + plot.width;
  for (const std::size_t i : order) {  // from the lowest up
    const double value = plot.y(chart.curves[i].y.back());
    const double y = std::min(value, above - kLineHeight);
    above = y;
    svg += line(end + 1, value, end + 12, y, "leader");
    svg += mark(i, end + 19, y, 3.6) +
           text(end + 28, y + 4, "start", cut(chart.curves[i].name, room - 28));
  }
  return svg;
}

std::string figure(const Chart& chart, const std::string& svg, const SvgSize& size) {
  return element("svg", "\n" + element("title", escape(chart.title)) + "\n" + svg,
                 "class=\"chart\" role=\"img\" viewBox=\"0 0 " + std::to_string(size.width) + " " +
                     std::to_string(size.height) +
                     "\" style=\"max-width:" + std::to_string(size.width) + "px\"");
}

Plot plot_of(const Chart& chart, const SvgSize& size) {
  const auto [low, high] = chart.y_range.value();
  return {size.width - kLeft - size.label_width, size.height - kTop - kBottom, low, high,
          chart.curves.front().x.back()};
}

// The area between `curve` and `below`, or the axis, with its name where there is room for it.
std::string draw_area(const Curve& curve, const Curve* below, std::size_t index, const Plot& plot) {
  constexpr double kLeastHeight = 20;
  std::string points, back;
  const double width = kCharacterWidth * static_cast<double>(curve.name.size()) + 8;
  double begin = 0, best_begin = 0, best_end = 0, best_y = 0;  // where it is high enough
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const double x = plot.x(curve.x[i]), top = plot.y(curve.y[i]);
    const double bottom = plot.y(below == nullptr ? plot.low : std::min(below->y[i], curve.y[i]));
    points += at(x) + "," + at(top) + " ";
    back = " " + at(x) + "," + at(bottom) + back;
    if (bottom - top < kLeastHeight) {
      begin = 0;
    } else if (begin == 0) {
      begin = x;
    } else if (x - begin > best_end - best_begin) {
      best_begin = begin;
      best_end = x;
      best_y = (top + bottom) / 2 + 4;
    }
  }
  const std::string area = "<polygon class=\"area b" + std::to_string(index) + "\" points=\"" +
                           points + back.substr(1) + "\"/>\n";
  if (best_end - best_begin < width) return area;
  return area + text((best_begin + best_end) / 2, best_y, "middle", curve.name);
}

}  // namespace

std::string svg_areas(const Chart& chart, const SvgSize& size) {
  const Plot plot = plot_of(chart, size);
  std::string areas;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    areas += draw_area(chart.curves[i], i == 0 ? nullptr : &chart.curves[i - 1], i, plot);
  }
  return figure(chart, axes(chart, plot) + areas, size);
}

std::string svg_chart(const Chart& chart, const std::vector<SvgMark>& marks, const SvgSize& size) {
  const Plot plot = plot_of(chart, size);
  std::string svg = axes(chart, plot);
  if (!marks.empty()) {
    const double x = plot.x(marks.front().x);
    svg += line(x, kTop, x, kTop + plot.height, "rule");
  }
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    svg += draw_curve(chart.curves[i], i, chart.curves.size(), plot);
  }
  for (const SvgMark& m : marks) svg += mark(m.curve, plot.x(m.x), plot.y(m.y), 5.5, "hollow ");
  return figure(chart, svg + labels(chart, plot, size.label_width), size);
}

std::string svg_swatch(std::size_t curve) {
  return element("svg",
                 "<line class=\"curve " + style_class(curve) + "\" stroke-dasharray=\"" +
                     kDashes[curve % kSvgStyles] + "\" x1=\"0\" y1=\"8\" x2=\"40\" y2=\"8\"/>" +
                     mark(curve, 20, 8, 3.6),
                 "class=\"swatch\" aria-hidden=\"true\" viewBox=\"0 0 40 16\" width=\"40\" "
                 "height=\"16\"");
}

}  // namespace inoculate
