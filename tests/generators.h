// Small generators for tests.
#pragma once

#include "model/generator.h"

namespace inoculate {

inline constexpr Shape kTinyImage{4, 3, 1};

inline GeneratorSizes tiny_vae_sizes() { return {GeneratorKind::kVae, kTinyImage, {7}, 3, {6, 5}}; }
inline GeneratorSizes tiny_advgan_sizes() {
  return {GeneratorKind::kAdvgan, kTinyImage, {}, 0, {8}};
}

/// A generator of the sizes with first weights, all of its biases a little off 0.
inline Generator random_generator(const GeneratorSizes& sizes, std::uint64_t seed = 1) {
  Rng rng(seed);
  Generator generator = first_generator(sizes, rng);
  for (Graph* graph : {&generator.encoder, &generator.generator}) {
    for (float& value : graph->values) value += static_cast<float>(0.1 * rng.normal());
  }
  if (sizes.kind == GeneratorKind::kAdvgan) generator.epsilon = 0.3F;
  generator.name = "tiny.safetensors";
  return generator;
}

}  // namespace inoculate
