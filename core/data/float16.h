// 16-bit floats in which weights may be stored: IEEE 754 half precision (binary16), bfloat16.
#pragma once

#include <cstdint>

namespace inoculate {

/// The half nearest to `value`, ties to even; from 65520 on the infinity of its sign. A NaN stays a
/// NaN, without its payload.
std::uint16_t float_to_half(float value);

/// The float equal to `half`: exact for every number.
float half_to_float(std::uint16_t half);

/// The float equal to a bfloat16, which is a float's upper half.
float bfloat_to_float(std::uint16_t bfloat);

}  // namespace inoculate
