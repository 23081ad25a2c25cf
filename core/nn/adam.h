// The Adam optimiser with Keras's defaults.
//
// Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1 in the form of
// section 2: the bias correction is one factor a step, and epsilon is added to the uncorrected
// root.
#pragma once

#include <cstdint>
#include <span>

#include "base/buffer.h"

namespace inoculate {

inline constexpr float kAdamBeta1 = 0.9F;
inline constexpr float kAdamBeta2 = 0.999F;
inline constexpr float kAdamEpsilon = 1e-7F;

/// The optimiser's memory. All zero before the first step.
struct AdamState {
  FloatBuffer first_moment;   // running mean of the gradient, one a parameter
  FloatBuffer second_moment;  // running mean of its square
  std::int64_t steps = 0;

  explicit AdamState(std::size_t parameters)
      : first_moment(parameters), second_moment(parameters) {}
};

/// One step on all parameters; `gradients` and the state are of the same size.
void adam_step(std::span<float> parameters, std::span<const float> gradients, AdamState& state,
               float learning_rate);

}  // namespace inoculate
