#include "nn/dropout.h"

namespace inoculate {

void dropout_forward(float* x, float* factors, float rate, std::size_t size, Rng& rng) {
  // Two draws of 32 bits come out of each number. One thread draws: the order is the seed's alone.
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32);
  const float kept = 1.0F / (1.0F - rate);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = i % 2 == 0 ? rng.next() : bits >> 32;
    factors[i] = static_cast<std::uint32_t>(bits) < threshold ? 0.0F : kept;
  }
  for (std::size_t i = 0; i < size; ++i) x[i] *= factors[i];
}

void dropout_backward(float* d, const float* factors, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) d[i] *= factors[i];
}

}  // namespace inoculate
