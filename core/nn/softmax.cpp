#include "nn/softmax.h"

#include <algorithm>
#include <cmath>

namespace inoculate {

void softmax(float* probabilities, const float* logits, int n, int f) {
  for (int i = 0; i < n; ++i) {
    const float* in = logits + i * f;
    float* out = probabilities + i * f;
    const float largest = *std::max_element(in, in + f);  // so that no exponential overflows
    float sum = 0;
    for (int j = 0; j < f; ++j) sum += out[j] = std::exp(in[j] - largest);
    for (int j = 0; j < f; ++j) out[j] /= sum;
  }
}

}  // namespace inoculate
