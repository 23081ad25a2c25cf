#include "data/float16.h"

#include "data/bytes.h"

namespace inoculate {
namespace {

constexpr std::uint32_t kFloatInfinity = 0x7f800000;
constexpr std::uint32_t kHalfInfinity = 0x7c00;
constexpr std::uint32_t kBiasDifference = 127 - 15;

/// `value` / 2^shift, rounded to nearest, ties to even. 1 <= shift <= 24, value < 2^31.
std::uint32_t shift_rounding(std::uint32_t value, std::uint32_t shift) {
  const std::uint32_t odd = (value >> shift) & 1;
  return (value + (1u << (shift - 1)) - 1 + odd) >> shift;
}

}  // namespace

std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = bits_as<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000;
  const std::uint32_t magnitude = bits & 0x7fffffff;
  std::uint32_t half = 0;
  if (magnitude > kFloatInfinity) {
    half = kHalfInfinity | 0x200;        // a quiet NaN
  } else if (magnitude >= 0x47800000) {  // 2^16
    half = kHalfInfinity;
  } else if (magnitude >= 0x38800000) {  // 2^-14, the smallest normal half
    // A mantissa that rounds up to 2 carries into the exponent, and from the largest to infinity.
    half = shift_rounding(magnitude - (kBiasDifference << 23), 13);
  } else if (magnitude >= 0x33000000) {  // 2^-25, half of the smallest subnormal
    const std::uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
    half = shift_rounding(mantissa, kBiasDifference + 14 - (magnitude >> 23));
  }
  return static_cast<std::uint16_t>(sign | half);
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1f;
  const std::uint32_t mantissa = half & 0x3ff;
  std::uint32_t magnitude = 0;
  if (exponent == 0x1f) {
    magnitude = kFloatInfinity | (mantissa << 13);
  } else if (exponent != 0) {
    magnitude = ((exponent + kBiasDifference) << 23) | (mantissa << 13);
  } else {
    magnitude = bits_as<std::uint32_t>(static_cast<float>(mantissa) * 0x1p-24f);
  }
  return bits_as<float>(sign | magnitude);
}

float bfloat_to_float(std::uint16_t bfloat) {
  return bits_as<float>(static_cast<std::uint32_t>(bfloat) << 16);
}

}  // namespace inoculate
