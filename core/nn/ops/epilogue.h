// What is done to a number of a result on its way from the register to memory: passes over memory
// of their own would take longer than many a layer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/simd_bytes.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// The mask of a clipped value, a byte a number: not 0 where the number lay strictly within the
/// range, so that a gradient passes. It is all that backward needs, and a quarter of the value.
/// (core/nn/fast keeps its masks as bits: nn/fast/live_outputs.h.)
using Live = std::int8_t;

/// x within the range, and whether it is live; a NaN stays one, and is. V: float or Vec.
inline float clip(float x, const ClipRange& range, Live* live) {
  const bool low = x <= range.low, high = x >= range.high;
  if (live != nullptr) *live = low || high ? 0 : -1;
  return low ? range.low : high ? range.high : x;
}
inline Vec clip(Vec x, const ClipRange& range, Live* live) {
  const LaneInts low = x <= range.low, high = x >= range.high;
  if (live != nullptr) store_bytes(live, ~(low | high));
  return low ? Vec{} + range.low : high ? Vec{} + range.high : x;
}

/// d where it is live, else 0: the gradient of what was clipped.
inline float let_through(float d, const Live* live) { return *live != 0 ? d : 0; }
inline Vec let_through(Vec d, const Live* live) {
  return reinterpret_cast<Vec>(reinterpret_cast<LaneInts>(d) & load_bytes(live));
}

/// Stores a result x of a kernel as asked.
struct Epilogue {
  enum Kind {
    kSet,
    kAdd,      // to what is there
    kClip,     // x clipped; tells `live` where it is not null
    kMask,     // x where it is live
    kAddMask,  // what is there and x, where it is live
  };
  Kind kind = kSet;
  ClipRange range = {};
  const float* base = nullptr;  ///< the first number of what is stored to
  Live* live = nullptr;         ///< and what is known of it

  bool adds() const { return kind == kAdd || kind == kAddMask; }
  bool masks() const { return kind == kMask || kind == kAddMask; }

  /// Has what storing at p will read or write brought near.
  void prefetch(float* p) const {
    __builtin_prefetch(p, 1);
    __builtin_prefetch(p + kLanes, 1);
    if (masks()) __builtin_prefetch(live + (p - base));
  }

  /// Calls body(finish): finish(x, p), of Vec or float, gives what to store at p.
  template <class F>
  [[gnu::always_inline]] void visit(F&& body) const {
    switch (kind) {
      case kSet:
        return body([](auto x, const float*) { return x; });
      case kAdd:
        return body([](auto x, const float* p) { return load(p, x) + x; });
      case kClip:
        if (live == nullptr) {
          return body([=, this](auto x, const float*) { return clip(x, range, nullptr); });
        }
        return body(
            [=, this](auto x, const float* p) { return clip(x, range, live + (p - base)); });
      case kMask:
        return body(
            [=, this](auto x, const float* p) { return let_through(x, live + (p - base)); });
      case kAddMask:
        return body([=, this](auto x, const float* p) {
          return let_through(load(p, x) + x, live + (p - base));
        });
    }
  }
};

}  // namespace inoculate
