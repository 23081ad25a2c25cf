// Dropout: in training, numbers are left out at random and the others grow by what is missing; else
// nothing happens. Srivastava et al., "Dropout", 2014.
//
// A number's fate follows from TrainingMode::masks, the node and the number's place, so that masks
// are never stored, and two passes can have the same.
#include <cstdint>

#include "nn/ops/ranges.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// The output function of Steele, Lea and Flood's SplitMix64, 2014.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// to[i] (+)= from[i] times what number i is multiplied by.
template <bool kAdds>
void drop(const Pass& p, float* to, const float* from) {
  const float rate = p.node.attributes.alpha;
  const bool drops = p.training != nullptr && p.training->drop;
  const auto number = static_cast<std::uint64_t>(&p.node - p.graph.nodes.data());
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;
  const std::uint64_t key = drops ? mixed(mixed(p.training->masks + kStep) + kStep * number) : 0;
  const auto least = static_cast<std::uint32_t>(drops ? static_cast<double>(rate) * 0x1p32 : 0.0);
  const float kept = drops ? 1 / (1 - rate) : 1.0F;
  for_each_range(p.n * p.out_size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto bits = static_cast<std::uint32_t>(mixed(key + kStep * i) >> 32);
      const float value = bits >= least ? from[i] * kept : 0.0F;
      to[i] = kAdds ? to[i] + value : value;
    }
  });
}

void forward(const Pass& p) { drop<false>(p, p.out, p.in[0]); }
void backward(const Pass& p) { drop<true>(p, p.d_in[0], p.d_out); }

}  // namespace

// Attributes: alpha, which part is left out, of [0, 1).
const Kernel kDropout{.forward = forward, .backward = backward};

Value read_dropout(Import& import) {
  const auto number = [&](std::size_t input, double otherwise) {
    if (!import.has(input) || import.constant(input).size() != 1) return otherwise;
    return import.constant(input).at(0);
  };
  Attributes attributes;
  attributes.alpha = static_cast<float>(number(1, import.number("ratio", 0.5F)));
  import.require(number(2, 0) == 0 || attributes.alpha == 0,
                 "drops numbers at random; export the network for inference");
  import.require(attributes.alpha >= 0 && attributes.alpha < 1,
                 "drops a part of its numbers that is not between 0 and 1");
  const Value& x = import.value(0);
  return import.add(attributes.alpha == 0 ? kReshape : kDropout, {x}, x.dims, x.order, attributes);
}

}  // namespace inoculate
