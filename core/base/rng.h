// The only random numbers of the engine.
#pragma once

#include <array>
#include <bit>
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

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// In [0, bound), without bias; bound > 0.
  std::uint32_t below(std::uint32_t bound);
  /// From the normal distribution of mean 0 and variance 1 (Box & Muller, 1958).
  double normal();
  /// Fisher-Yates; every order is equally likely.
  void shuffle(std::span<std::int32_t> items);

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace inoculate
