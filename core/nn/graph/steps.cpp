#include "nn/graph/steps.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "nn/ops/kernel.h"

namespace inoculate {

bool is_step(const Node& node) {
  constexpr std::array<std::string_view, 5> kViews{"Expand", "Gather", "Slice", "Split",
                                                   "Transpose"};
  if (node.kernel == nullptr || node.kernel->alias) return false;
  if (node.kernel == &kConstantValue || node.kernel == &kDropout) return false;
  return node.kernel != &kView || std::find(kViews.begin(), kViews.end(), node.op) != kViews.end();
}

}  // namespace inoculate
