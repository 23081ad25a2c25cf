// The vector type of our own kernels: the one place that knows how wide the machine's registers
// are.
//
// It is the compilers' vector extension, so the same source serves AVX-512, AVX, NEON and WASM.
#pragma once

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

/// `kLanes` floats; loads and stores through it need no alignment.
typedef float Vec __attribute__((vector_size(kVectorBytes), aligned(alignof(float)), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }
inline void store(float* p, float v) { *p = v; }

/// `load` for formulas that serve both: as the second argument's type, Vec or float.
inline Vec load(const float* p, Vec) { return load(p); }
inline float load(const float* p, float) { return *p; }

/// Calls body(i, V()) for the floats [0, size), a whole vector of them where there is one, else
/// singly: V is Vec or float, and one formula serves both.
template <class F>
void for_each_vector(int size, F&& body) {
  int i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, Vec());
  for (; i < size; ++i) body(i, 0.0F);
}

}  // namespace inoculate
