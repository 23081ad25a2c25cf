#include "nn/graph/graph.h"

#include <algorithm>
#include <utility>

namespace inoculate {

int size_of(const Extents& extents) {
  int size = 1;
  for (const int extent : extents) size *= extent;
  return size;
}

int Graph::add_weight(const std::vector<float>& numbers, Role role) {
  // Each begins where a cache line does.
  constexpr std::size_t kFloats = kCacheLine / sizeof(float);
  const std::size_t offset = (values.size() + kFloats - 1) / kFloats * kFloats;
  values.resize(offset + numbers.size());
  std::copy(numbers.begin(), numbers.end(), values.data() + offset);
  weights.push_back({numbers.size(), offset, role});
  return static_cast<int>(weights.size()) - 1;
}

std::size_t Graph::parameters_of(const Node& node) const {
  std::size_t count = 0;
  for (const int number : node.weights) {
    const Weight& weight = weights[static_cast<std::size_t>(number)];
    if (weight.role == Role::kParameter) count += weight.size;
  }
  return count;
}

}  // namespace inoculate
