// How far a result is from what it should be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace inoculate {

/// The largest |actual - expected|; infinite when a value is not a number or the sizes differ.
template <class Actual, class Expected>
double largest_difference(const Actual& actual, const Expected& expected) {
  if (std::size(actual) != std::size(expected)) return std::numeric_limits<double>::infinity();
  double largest = 0;
  auto e = std::begin(expected);
  for (const auto a : actual) {
    const double difference = std::abs(static_cast<double>(a) - static_cast<double>(*e++));
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

template <class Values>
double largest_magnitude(const Values& values) {
  double largest = 0;
  for (const auto value : values) {
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  return largest;
}

/// The largest difference as a part of the largest expected value.
template <class Actual, class Expected>
double relative_difference(const Actual& actual, const Expected& expected) {
  return largest_difference(actual, expected) / std::max(largest_magnitude(expected), 1e-300);
}

}  // namespace inoculate
