// The average of the weights along a run, which generalises better than the last of them.
//
// Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; as an
// exponential moving average in adversarial training: Gowal et al., "Uncovering the Limits of
// Adversarial Training", 2020, with the decay of its code, which grows over the first steps.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/trainable.h"

namespace inoculate {

/// Parameters and then statistics of a network, in one vector.
std::vector<float> all_weights(const Trainable& network);

/// The share of the old average that update_average keeps at its step number `step`.
float kept_share(float decay, std::int64_t step);

/// The inverse of all_weights: sets both from such a vector.
void set_all_weights(Trainable& network, std::span<const float> weights);

/// Moves `average`, laid out as all_weights, towards the network's weights after its step number
/// `step`, counted from 1: average = d * average + (1 - d) * weights. d is `decay` or, where it is
/// less, step / (9 + step), so that the first weights, which are chance, are soon forgotten.
///
/// The statistics of batch normalisation are averaged likewise. Izmailov et al., "Averaging Weights
/// Leads to Wider Optima", 2018, section 3.2, estimate them anew by a pass over the data, since
/// their average spans epochs. This one spans some 1 / (1 - decay) steps, about as many as the
/// moving statistics themselves, so their average fits the averaged weights; and it needs no choice
/// of which images, clean or attacked, such a pass would see.
void update_average(std::vector<float>& average, const Trainable& network, float decay,
                    std::int64_t step);

}  // namespace inoculate
