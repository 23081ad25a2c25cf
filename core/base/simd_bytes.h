// Bytes beside the vectors of base/simd.h.
#pragma once

#include "base/simd.h"

namespace inoculate {

/// A byte a lane.
typedef std::int8_t LaneBytes __attribute__((vector_size(kLanes), aligned(1), may_alias));

/// Bytes as whole numbers, with their sign, and back.
inline LaneInts load_bytes(const std::int8_t* p) {
#if defined(__AVX512F__)
  const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return reinterpret_cast<LaneInts>(_mm512_cvtepi8_epi32(bytes));
#elif defined(__AVX2__)
  const auto bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return reinterpret_cast<LaneInts>(_mm256_cvtepi8_epi32(bytes));
#else
  return __builtin_convertvector(*reinterpret_cast<const LaneBytes*>(p), LaneInts);
#endif
}
inline void store_bytes(std::int8_t* p, LaneInts x) {
  *reinterpret_cast<LaneBytes*>(p) = __builtin_convertvector(x, LaneBytes);
}

}  // namespace inoculate
