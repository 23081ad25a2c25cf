// The only random numbers of the engine.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace inoculate {

/// xoshiro256** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded
/// by SplitMix64. The same seed gives the same numbers on every machine, native and in WASM. Its
/// whole state can be taken and put back, so that a run resumes where it stopped.
class Rng {
 public:
  using State = std::array<std::uint64_t, 4>;

  /// `stream` gives independent generators for the several uses of one seed.
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint64_t next();
  /// In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// In [0, bound), without bias; bound > 0.
  std::uint32_t below(std::uint32_t bound);
  /// Fisher-Yates; every order is equally likely.
  void shuffle(std::span<std::int32_t> items);

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace inoculate
