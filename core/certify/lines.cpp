#include "certify/lines.h"

#include <algorithm>
#include <cmath>

namespace inoculate {
namespace {

struct Function {
  const PointwiseForm& form;
  double a;
  double operator()(double x) const { return form.value(x, a, form.b); }
  double slope(double x) const { return form.slope(x, a, form.b); }
};

Line through(double x, double y, double slope) { return {slope, y - slope * x}; }

Line chord(const Function& f, double low, double high) {
  return through(low, f(low), (f(high) - f(low)) / (high - low));
}

Line tangent(const Function& f, double x) { return through(x, f(x), f.slope(x)); }

// Of an interval so narrow that a slope would be lost in rounding.
Lines around(const Function& f, double low, double high) { return {{0, f(low)}, {0, f(high)}}; }

// Of the function that is `kink` there, and has slope `below` below it and 1 above.
Lines hinge(double kink, double below, double low, double high) {
  const double l = low - kink, u = high - kink;
  const double slope = (u - below * l) / (u - l);
  const Line bent = through(kink, kink, u > -l ? 1 : below);
  const Line chord = through(low, kink + below * l, slope);
  return below <= 1 ? Lines{bent, chord} : Lines{chord, bent};
}

Lines clip_lines(double a, double b, double low, double high) {
  if (high <= a) return {{0, a}, {0, a}};
  if (low >= b) return {{0, b}, {0, b}};
  if (low >= a && high <= b) return {{1, 0}, {1, 0}};
  if (high <= b) return hinge(a, 0, low, high);
  if (low >= a) {  // the same, upside down
    const Lines turned = hinge(-b, 0, -high, -low);
    return {{turned.upper.slope, -turned.upper.at_zero},
            {turned.lower.slope, -turned.lower.at_zero}};
  }
  return {through(a, a, (b - a) / (high - a)), through(b, b, (b - a) / (b - low))};
}

// The tangent between 0 and `far` that passes (end, f(end)), on the other side of 0, most closely
// on the outer side; or the chord, where the curve lies on its inner side.
Line touching(const Function& f, double end, double far) {
  const auto crosses = [&](double x) {
    return (f(x) + f.slope(x) * (end - x) - f(end)) * (end > 0 ? 1 : -1) > 0;
  };
  if (crosses(far)) return through(end, f(end), (f(far) - f(end)) / (far - end));
  double inner = 0, outer = far;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (inner + outer);
    (crosses(middle) ? inner : outer) = middle;
  }
  return tangent(f, outer);
}

Lines curve_lines(const Function& f, double low, double high) {
  const Bend bend = f.form.bend;
  const double middle = 0.5 * (low + high);
  if (bend == Bend::kConvex || (bend == Bend::kSigmoid && high <= 0)) {
    return {tangent(f, middle), chord(f, low, high)};
  }
  if (bend == Bend::kConcave || (bend == Bend::kSigmoid && low >= 0)) {
    return {chord(f, low, high), tangent(f, middle)};
  }
  return {touching(f, high, low), touching(f, low, high)};
}

}  // namespace

bool is_linear_on(const PointwiseForm& form, double low, double high) {
  const auto inside = [&](double x) { return low < x && x < high; };
  if (form.bend == Bend::kClip) return !inside(form.a) && !inside(form.b);
  return form.bend == Bend::kHinge && !inside(0);
}

Lines lines_of(const PointwiseForm& form, std::size_t number, double low, double high) {
  const Function f{form, form.a_of(number)};
  Lines lines;
  if (form.bend == Bend::kClip) {
    lines = clip_lines(f.a, form.b, low, high);
    if (is_linear_on(form, low, high)) return lines;  // exactly
  } else if (form.bend == Bend::kHinge) {
    const double only = high <= 0 ? f.a : 1;
    if (is_linear_on(form, low, high)) return {{only, 0}, {only, 0}};
    lines = hinge(0, f.a, low, high);
  } else {
    lines =
        high - low < 1e-6 * (1 + std::abs(low)) ? around(f, low, high) : curve_lines(f, low, high);
  }
  // What rounding may have moved them by: some units of the largest number there was on the way.
  const double far = std::max(std::abs(low), std::abs(high));
  const auto lost = [&](const Line& line) {
    return 0x1p-44 * (std::abs(line.slope) * far + std::abs(line.at_zero) +
                      std::max(std::abs(f(low)), std::abs(f(high))));
  };
  lines.lower.at_zero -= lost(lines.lower);
  lines.upper.at_zero += lost(lines.upper);
  return lines;
}

}  // namespace inoculate
