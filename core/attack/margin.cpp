#include "attack/margin.h"

#include <algorithm>
#include <limits>

namespace inoculate {

float margin(const Criterion& criterion, const float* logits, int classes, std::uint8_t label) {
  const int aim = criterion.target.value_or(label);
  float other = -std::numeric_limits<float>::infinity();
  for (int k = 0; k < classes; ++k) {
    if (k != aim) other = std::max(other, logits[k]);
  }
  return criterion.target ? other - logits[aim] : logits[aim] - other;
}

}  // namespace inoculate
