#include "native/noise_options.h"

#include <cmath>

#include "base/numbers.h"
#include "base/quote.h"
#include "native/commands.h"
#include "native/text.h"

namespace inoculate {
namespace {

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

double number_of(const std::string& option, const std::string& text, const std::string& form) {
  const auto value = parse_number(text);
  if (!value) throw UsageError(option + ": " + quote(text) + " is not a number; write " + form);
  return *value;
}

void require_within(const std::string& option, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw UsageError(option + ": " + number(value) + " is not within " + number(low) + " to " +
                   number(high) + ", in levels of a picture");
}

}  // namespace

NoiseLevel parse_noise_level(const std::string& option, const std::string& text) {
  const std::string form = "MEAN:SIGMA, such as 128:50";
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 2) {
    throw UsageError(option + ": " + quote(text) + " is not a mean and a deviation; write " + form);
  }
  const NoiseLevel level{number_of(option, parts[0], form), number_of(option, parts[1], form)};
  require_within(option, level.mean, 0, kLargestMean);
  require_within(option, level.sigma, 0, kLargestSigma);
  return level;
}

std::vector<double> parse_range(const std::string& option, const std::string& text, double low,
                                double high) {
  constexpr double kMost = 10000;
  const std::string form = "FROM:TO:STEP, such as 50:200:10, or one number";
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() > 3) {
    throw UsageError(option + ": " + quote(text) + " has more than three parts; write " + form);
  }
  const double from = number_of(option, parts[0], form);
  const double to = parts.size() > 1 ? number_of(option, parts[1], form) : from + 1;
  const double step = parts.size() > 2 ? number_of(option, parts[2], form) : 1;
  if (step == 0) throw UsageError(option + ": a step of 0 never ends; write " + form);
  // Steps such as 0.1 are not exact: the last number may miss the end by a hair.
  const double count = std::ceil((to - from) / step - 1e-9);
  if (!(count >= 1)) {
    throw UsageError(option + ": " + quote(text) + " holds no number: the end itself is left out");
  }
  if (count > kMost) {
    throw UsageError(option + ": " + quote(text) + " holds more than " + fixed(kMost, 0) +
                     " numbers; take a larger step");
  }
  std::vector<double> values;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    values.push_back(from + i * step);
    require_within(option, values.back(), low, high);
  }
  return values;
}

}  // namespace inoculate
