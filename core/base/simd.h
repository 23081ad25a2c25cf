// The vector type of our own kernels: the one place that knows how wide the machine's registers
// are.
//
// It is the compilers' vector extension, so the same source serves AVX-512, AVX, NEON and WASM.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace inoculate {

#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64;
inline constexpr int kVectorRegisters = 32;
inline constexpr const char* kSimdName = "AVX-512";
#elif defined(__AVX__)
inline constexpr int kVectorBytes = 32;
inline constexpr int kVectorRegisters = 16;
#if defined(__FMA__)
inline constexpr const char* kSimdName = "AVX2+FMA";
#else
inline constexpr const char* kSimdName = "AVX";
#endif
#elif defined(__aarch64__)
inline constexpr int kVectorBytes = 16;
inline constexpr int kVectorRegisters = 32;
inline constexpr const char* kSimdName = "NEON";
#elif defined(__wasm_simd128__)
inline constexpr int kVectorBytes = 16;
inline constexpr int kVectorRegisters = 16;
inline constexpr const char* kSimdName = "WASM SIMD128";
#else
inline constexpr int kVectorBytes = 16;
inline constexpr int kVectorRegisters = 16;
inline constexpr const char* kSimdName = "128-bit";
#endif

/// Floats in a vector register.
inline constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(float));

/// `kLanes` floats, in a register or in a variable of their own.
typedef float Vec __attribute__((vector_size(kVectorBytes)));

/// As many whole numbers.
typedef std::int32_t LaneInts __attribute__((vector_size(kVectorBytes)));

/// Four floats.
typedef float Four __attribute__((vector_size(16)));

// The same wherever they lie in memory. For loads and stores alone: a variable of such a type has
// no alignment, and what a reference of it is passed to expects some.
typedef float VecAnywhere
    __attribute__((vector_size(kVectorBytes), aligned(alignof(float)), may_alias));
typedef std::int32_t LaneIntsAnywhere
    __attribute__((vector_size(kVectorBytes), aligned(alignof(std::int32_t)), may_alias));
typedef float FourAnywhere __attribute__((vector_size(16), aligned(alignof(float)), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const VecAnywhere*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<VecAnywhere*>(p) = v; }
inline void store(float* p, float v) { *p = v; }
inline LaneInts load_whole(const std::int32_t* p) {
  return *reinterpret_cast<const LaneIntsAnywhere*>(p);
}
inline void store_whole(std::int32_t* p, LaneInts v) {
  *reinterpret_cast<LaneIntsAnywhere*>(p) = v;
}

inline Four load_four(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
inline void store_four(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }

/// A vector of nothing but one of them.
template <int i>
inline Vec spread(Four x) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_permutexvar_ps(
      _mm512_set1_epi32(i), _mm512_castps128_ps512(reinterpret_cast<__m128>(x))));
#else
  return Vec{} + x[i];
#endif
}

/// Four whole numbers in one load, which is dearer than to take them apart.
class FourNumbers {
 public:
  explicit FourNumbers(const std::uint16_t* p) { std::memcpy(&all_, p, sizeof all_); }

  template <int i>
  std::ptrdiff_t at() const {
    constexpr int kPlace = std::endian::native == std::endian::little ? i : 3 - i;
    return static_cast<std::uint16_t>(all_ >> (16 * kPlace));
  }

 private:
  std::uint64_t all_;
};

/// `load` for formulas that serve both: as the second argument's type, Vec or float.
inline Vec load(const float* p, Vec) { return load(p); }
inline float load(const float* p, float) { return *p; }

/// A bit for each lane, the first in the lowest.
using LaneBits = std::uint16_t;
static_assert(kLanes <= 16);

/// The lanes of a comparison's result that are true.
inline LaneBits lane_bits(LaneInts truth) {
#if defined(__AVX512F__)
  const auto all = reinterpret_cast<__m512i>(truth);
  return _mm512_test_epi32_mask(all, all);
#elif defined(__AVX__)
  return static_cast<LaneBits>(_mm256_movemask_ps(reinterpret_cast<__m256>(truth)));
#elif defined(__wasm_simd128__)
  return static_cast<LaneBits>(wasm_i32x4_bitmask(reinterpret_cast<v128_t>(truth)));
#else
  LaneBits bits = 0;
  for (int i = 0; i < kLanes; ++i) bits = static_cast<LaneBits>(bits | (truth[i] & 1) << i);
  return bits;
#endif
}

/// Which lanes are not 0.
inline LaneBits lanes_not_zero(Vec x) { return lane_bits(x != Vec{}); }

/// Sets lanes that are 0 or below to 0, and returns which are not. What is no number stays none, so
/// that an overflow is seen at the end.
inline LaneBits rectify_lanes(Vec& x) {
  const LaneInts kept = ~(x <= Vec{});
  x = reinterpret_cast<Vec>(reinterpret_cast<LaneInts>(x) & kept);
  return lane_bits(kept);
}
inline LaneBits rectify_lanes(float& x) {
  const bool kept = !(x <= 0);
  x = kept ? x : 0;
  return kept ? 1 : 0;
}

/// x in the lanes whose bit is set, else 0.
inline Vec chosen_lanes(Vec x, LaneBits bits) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_mov_ps(bits, reinterpret_cast<__m512>(x)));
#else
  constexpr std::int32_t kBit[] = {1, 2, 4, 8, 16, 32, 64, 128};
  const LaneInts bit = load_whole(kBit);
  const LaneInts chosen = (bit & static_cast<std::int32_t>(bits)) == bit;
  return reinterpret_cast<Vec>(reinterpret_cast<LaneInts>(x) & chosen);
#endif
}
inline float chosen_lanes(float x, LaneBits bits) { return bits != 0 ? x : 0; }

/// The bits of all lanes.
inline constexpr LaneBits kAllLanes = static_cast<LaneBits>((1U << kLanes) - 1);

/// Writes the lanes of x whose bit is set one behind the other, and to `numbers` what numbers they
/// have if the first of all is `first`. Returns how many. May write a vector's worth of both.
inline int pack_lanes(float* values, std::uint16_t* numbers, Vec x, int first, LaneBits bits) {
#if defined(__AVX512F__)
  _mm512_storeu_ps(values, _mm512_maskz_compress_ps(bits, reinterpret_cast<__m512>(x)));
  const auto to = reinterpret_cast<__m256i*>(numbers);
#if defined(__AVX512VBMI2__) && defined(__AVX512VL__)
  const __m256i lanes = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m256i all = _mm256_add_epi16(lanes, _mm256_set1_epi16(static_cast<short>(first)));
  _mm256_storeu_si256(to, _mm256_maskz_compress_epi16(bits, all));
#else
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i all = _mm512_add_epi32(lanes, _mm512_set1_epi32(first));
  _mm256_storeu_si256(to, _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(bits, all)));
#endif
  return std::popcount(bits);
#else
  int count = 0;
  for (int i = 0; i < kLanes; ++i) {
    values[count] = x[i];
    numbers[count] = static_cast<std::uint16_t>(first + i);
    count += bits >> i & 1;
  }
  return count;
#endif
}
inline int pack_lanes(float* values, std::uint16_t* numbers, float x, int first, LaneBits bits) {
  *values = x;
  *numbers = static_cast<std::uint16_t>(first);
  return bits & 1;
}

/// The reverse: the lanes whose bit is set filled with values that lie one behind the other, and
/// zeros. May read a vector's worth of them.
inline Vec unpack_lanes(const float* values, LaneBits bits, Vec) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_expand_ps(bits, _mm512_loadu_ps(values)));
#else
  Vec x{};
  for (int i = 0; i < kLanes; ++i) {
    const bool is_set = (bits >> i & 1) != 0;
    x[i] = is_set ? *values : 0;
    values += is_set;
  }
  return x;
#endif
}
inline float unpack_lanes(const float* values, LaneBits bits, float) {
  return bits != 0 ? *values : 0;
}

/// sums[i] = the sum of the lanes of x[i].
inline void sum_lanes(float (&sums)[4], const Vec (&x)[4]) {
#if defined(__AVX__)
#if defined(__AVX512F__)
  const auto add_pairs = [](Vec a, Vec b) {
    const auto left = reinterpret_cast<__m512>(a), right = reinterpret_cast<__m512>(b);
    return _mm512_castps_pd(
        _mm512_add_ps(_mm512_unpacklo_ps(left, right), _mm512_unpackhi_ps(left, right)));
  };
  const __m512d left = add_pairs(x[0], x[1]), right = add_pairs(x[2], x[3]);
  const __m512 all = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(left, right)),
                                   _mm512_castpd_ps(_mm512_unpackhi_pd(left, right)));
  const __m256 upper = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(all), 1));
  const __m256 both = _mm256_add_ps(_mm512_castps512_ps256(all), upper);
#else
  const __m256 both = _mm256_hadd_ps(
      _mm256_hadd_ps(reinterpret_cast<__m256>(x[0]), reinterpret_cast<__m256>(x[1])),
      _mm256_hadd_ps(reinterpret_cast<__m256>(x[2]), reinterpret_cast<__m256>(x[3])));
#endif
  _mm_storeu_ps(sums, _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1)));
#else
  for (int i = 0; i < 4; ++i) {
    sums[i] = 0;
    for (int lane = 0; lane < kLanes; ++lane) sums[i] += x[i][lane];
  }
#endif
}

/// How many vectors and single floats for_each_vector makes of `size` floats.
inline int vector_count(int size) { return size / kLanes + size % kLanes; }

/// Calls body(i, V()) for the floats [0, size), a whole vector of them where there is one, else
/// singly: V is Vec or float, and one formula serves both.
template <class F>
[[gnu::always_inline]] inline void for_each_vector(int size, F&& body) {
  int i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, Vec());
  for (; i < size; ++i) body(i, 0.0F);
}

/// std::copy_n and std::fill_n(0) for so few floats that a call would cost as much. The last vector
/// may lie over the one before.
inline void copy_floats(float* to, const float* from, int size) {
  int i = 0;
  for (; i + kLanes <= size; i += kLanes) store(to + i, load(from + i));
  if (i == size) return;
  if (size >= kLanes) {
    store(to + size - kLanes, load(from + size - kLanes));
  } else {
    for (; i < size; ++i) to[i] = from[i];
  }
}
inline void clear_floats(float* to, int size) {
  for_each_vector(size, [&](int i, auto vector) { store(to + i, vector); });
}

}  // namespace inoculate
