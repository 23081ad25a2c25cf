#include "nn/dropout.h"

#include <vector>

namespace inoculate {

void dropout_forward(float* x, float* factors, float rate, std::size_t size, Rng& rng) {
  // Two draws of 32 bits come out of each number. One thread draws: the order is the seed's alone.
  thread_local std::vector<std::uint64_t> numbers;
  numbers.resize((size + 1) / 2);
  for (std::uint64_t& number : numbers) number = rng.next();
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32);
  const float kept = 1.0F / (1.0F - rate);
  for (std::size_t i = 0; i < size; ++i) {
    const auto bits = static_cast<std::uint32_t>(numbers[i / 2] >> (i % 2 * 32));
    factors[i] = kept * static_cast<float>(bits >= threshold);
    x[i] *= factors[i];
  }
}

void dropout_backward(float* d, const float* factors, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) d[i] *= factors[i];
}

}  // namespace inoculate
