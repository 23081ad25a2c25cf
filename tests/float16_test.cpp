#include "data/float16.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "catch.h"

using namespace inoculate;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// What IEEE 754 says a half is worth: (-1)^sign * 2^(exponent - 15) * 1.mantissa, and without the
/// leading 1 at the lowest exponent.
double half_value(int half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const double magnitude = exponent == 31  ? (mantissa == 0 ? INFINITY : NAN)
                           : exponent == 0 ? std::ldexp(mantissa, -24)
                                           : std::ldexp(1024 + mantissa, exponent - 25);
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace

TEST_CASE("halves become the floats they stand for, and come back", "[data]") {
  for (int half = 0; half < 65536; ++half) {
    INFO(half);
    const auto bits = static_cast<std::uint16_t>(half);
    const double wanted = half_value(half);
    const float value = half_to_float(bits);
    if (std::isnan(wanted)) {
      REQUIRE(std::isnan(value));
      REQUIRE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      REQUIRE(static_cast<double>(value) == wanted);
      REQUIRE(std::signbit(value) == ((half & 0x8000) != 0));
      REQUIRE(float_to_half(value) == bits);
    }
  }
}

TEST_CASE("floats become the nearest half, ties the even one", "[data]") {
  // Every two neighbours, and 2^16 in the place of infinity, as IEEE 754 rounds.
  for (int low = 0; low < 0x7c00; ++low) {
    INFO(low);
    const double above = low + 1 == 0x7c00 ? 65536.0 : half_value(low + 1);
    const auto middle = static_cast<float>((half_value(low) + above) / 2);
    const int even = low % 2 == 0 ? low : low + 1;
    REQUIRE(float_to_half(middle) == even);
    REQUIRE(float_to_half(std::nextafter(middle, 0.0f)) == low);
    REQUIRE(float_to_half(std::nextafter(middle, kInfinity)) == low + 1);
    REQUIRE(float_to_half(-middle) == (even | 0x8000));
  }
  CHECK(float_to_half(65519.99f) == 0x7bff);
  CHECK(float_to_half(65520.0f) == 0x7c00);
  CHECK(float_to_half(std::numeric_limits<float>::max()) == 0x7c00);
  CHECK(float_to_half(-kInfinity) == 0xfc00);
  CHECK(float_to_half(std::numeric_limits<float>::denorm_min()) == 0);
  CHECK(float_to_half(-std::numeric_limits<float>::min()) == 0x8000);
}

// The bytes of the next two tests were written by the Python package safetensors 0.8.0.
