// What is done to a number of a result on its way from the register to memory: passes over memory
// of their own would take longer than many a layer.
#pragma once

#include <cstddef>

#include "base/simd.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// x within the range; a NaN stays one. T: float or Vec.
inline float clipped(float x, const Range& range) {
  return x < range.low ? range.low : x > range.high ? range.high : x;
}
inline Vec clipped(Vec x, const Range& range) {
  x = x < range.low ? Vec{} + range.low : x;
  return x > range.high ? Vec{} + range.high : x;
}

/// d where `out`, the clipped value, is strictly within the range, else 0: the gradient of what was
/// clipped.
inline float let_through(float d, float out, const Range& range) {
  return out > range.low && out < range.high ? d : 0;
}
inline Vec let_through(Vec d, Vec out, const Range& range) {
  return out > range.low && out < range.high ? d : Vec{};
}

/// Stores a result x of a kernel as asked.
struct Epilogue {
  enum Kind {
    kSet,
    kAdd,      // to what is there
    kClip,     // x clipped
    kMask,     // x where the range lets it through, by the output `beside`
    kAddMask,  // what is there and x, where the range lets it through
  };
  Kind kind = kSet;
  Range range = {};
  std::ptrdiff_t beside = 0;  ///< from a number to the output that decides about it, in floats

  template <class F>
  [[gnu::always_inline]] void visit(F&& body) const {
    const auto at = [](const float* p, auto x) {
      if constexpr (sizeof x == sizeof(float)) {
        return *p;
      } else {
        return load(p);
      }
    };
    switch (kind) {
      case kSet:
        return body([](auto x, const float*) { return x; });
      case kAdd:
        return body([=](auto x, const float* p) { return at(p, x) + x; });
      case kClip:
        return body([=, this](auto x, const float*) { return clipped(x, range); });
      case kMask:
        return body(
            [=, this](auto x, const float* p) { return let_through(x, at(p + beside, x), range); });
      case kAddMask:
        return body([=, this](auto x, const float* p) {
          return let_through(at(p, x) + x, at(p + beside, x), range);
        });
    }
  }
};

}  // namespace inoculate
