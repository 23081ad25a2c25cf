#include "nn/dropout.h"

namespace inoculate {

void dropout_forward(float* x, float* factors, float rate, std::size_t size, Rng& rng) {
  // Two draws of 32 bits come out of each number. One thread draws: the order is the seed's alone.
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32);
  const float kept = 1.0F / (1.0F - rate);
  const auto factor = [&](std::uint64_t bits) {
    return kept * static_cast<float>(static_cast<std::uint32_t>(bits) >= threshold);  // no branch
  };
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    const std::uint64_t bits = rng.next();
    factors[i] = factor(bits);
    factors[i + 1] = factor(bits >> 32);
  }
  if (size % 2 == 1) factors[size - 1] = factor(rng.next());
  for (std::size_t i = 0; i < size; ++i) x[i] *= factors[i];
}

void dropout_backward(float* d, const float* factors, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) d[i] *= factors[i];
}

}  // namespace inoculate
