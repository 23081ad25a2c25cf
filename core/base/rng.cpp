#include "base/rng.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace inoculate {
namespace {

std::uint64_t split_mix(std::uint64_t& x) {
  std::uint64_t z = (x += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) {
  // The stream is mixed before it meets the seed, so that (seed, stream + 1) is not (seed + 1,
  // stream).
  std::uint64_t x = seed;
  if (stream != 0) x ^= split_mix(stream);
  for (std::uint64_t& word : state_) word = split_mix(x);
}

std::uint32_t Rng::below(std::uint32_t bound) {
  // Numbers under this threshold would make the small residues likelier.
  const std::uint32_t threshold = (0U - bound) % bound;
  for (;;) {
    const std::uint64_t product = (next() >> 32) * bound;
    if (static_cast<std::uint32_t>(product) >= threshold) {
      return static_cast<std::uint32_t>(product >> 32);
    }
  }
}

double Rng::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // of 0 there is no logarithm
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

void Rng::shuffle(std::span<std::int32_t> items) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[below(static_cast<std::uint32_t>(left))]);
  }
}

}  // namespace inoculate
