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

bool same_form(const Graph& a, const Graph& b) {
  const auto same_node = [](const Node& x, const Node& y) {
    return x.kernel == y.kernel && x.inputs == y.inputs && x.weights == y.weights &&
           x.shape == y.shape;
  };
  const auto same_weight = [](const Weight& x, const Weight& y) {
    return x.size == y.size && x.offset == y.offset;
  };
  return a.output == b.output &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same_node) &&
         std::equal(a.weights.begin(), a.weights.end(), b.weights.begin(), b.weights.end(),
                    same_weight);
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
