// Logits to probabilities.
#pragma once

namespace inoculate {

/// probabilities [N, F] = softmax over each row of logits [N, F]; may be done in place.
void softmax(float* probabilities, const float* logits, int n, int f);

}  // namespace inoculate
