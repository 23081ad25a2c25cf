// Noise as users write it: levels, and ranges of them.
#pragma once

#include <string>
#include <vector>

#include "evaluate/noise_pictures.h"

namespace inoculate {

/// The level of "MEAN:SIGMA", in units of 0..255. Throws UsageError, which names the option: the
/// mean must be within 0 to 255, sigma 0 to 1000.
NoiseLevel parse_noise_level(const std::string& option, const std::string& text);

/// The numbers of a range "a:b:step" as Python counts them: a, a + step, ... short of b; "a:b" has
/// a step of 1, "a" is one number. Throws UsageError, which names the option, for what is none,
/// holds no number or more than 10,000, or one that is not within `low` to `high`.
std::vector<double> parse_range(const std::string& option, const std::string& text, double low,
                                double high);

/// What a mean and a sigma may be.
inline constexpr double kLargestMean = 255, kLargestSigma = 1000;

}  // namespace inoculate
