#include "train/framework_layers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "features.2" comes before "features.10".
bool comes_before(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto digits = [](std::string_view& text) {
        const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
        std::string_view number = text.substr(0, end);
        text.remove_prefix(end);
        number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
        return number;
      };
      const std::string_view left = digits(a), right = digits(b);
      if (left != right) {
        return std::pair(left.size(), left) < std::pair(right.size(), right);
      }
    } else if (a[0] != b[0]) {
      return a[0] < b[0];
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

// The layer that a tensor belongs to, and what it is there in the framework's word.
std::pair<std::string, std::string> split_name(Framework from, std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  const std::size_t cut = name.rfind(from == Framework::kTorch ? '.' : '/');
  if (cut == std::string::npos) return {"", name};
  return {name.substr(0, cut), name.substr(cut + 1)};
}

// Our name for a framework's word, which may hang on the layer's other tensors.
std::string role_of(Framework from, const std::string& word, bool is_norm) {
  static const std::map<std::string, std::pair<std::string, std::string>> kTorchRoles{
      {"weight", {"kernel", "gamma"}},
      {"bias", {"bias", "beta"}},
      {"running_mean", {"moving_mean", "moving_mean"}},
      {"running_var", {"moving_variance", "moving_variance"}}};
  static const std::map<std::string, std::pair<std::string, std::string>> kKerasRoles{
      {"kernel", {"kernel", ""}},
      {"bias", {"bias", ""}},
      {"gamma", {"", "gamma"}},
      {"beta", {"", "beta"}},
      {"moving_mean", {"", "moving_mean"}},
      {"moving_variance", {"", "moving_variance"}},
      {"0", {"kernel", "gamma"}},  // layers/conv2d/vars/0
      {"1", {"bias", "beta"}},
      {"2", {"", "moving_mean"}},
      {"3", {"", "moving_variance"}}};
  const auto& roles = from == Framework::kTorch ? kTorchRoles : kKerasRoles;
  const auto found = roles.find(word);
  if (found == roles.end()) return "";
  return is_norm ? found->second.second : found->second.first;
}

}  // namespace

const NamedTensor* FrameworkLayer::part(const std::string& role) const {
  const auto found = parts.find(role);
  return found == parts.end() ? nullptr : found->second;
}

LayerKind FrameworkLayer::kind() const {
  const NamedTensor* kernel = part("kernel");
  if (kernel == nullptr) return LayerKind::kNorm;
  return kernel->shape.size() == 4 ? LayerKind::kConv : LayerKind::kDense;
}

std::vector<FrameworkLayer> framework_layers(const Safetensors& file, Framework from,
                                             const std::string& name) {
  std::map<std::string, std::vector<std::pair<std::string, const NamedTensor*>>> groups;
  for (const NamedTensor& tensor : file.tensors) {
    if (is_bookkeeping(from, tensor.name)) continue;
    auto [layer, word] = split_name(from, tensor.name);
    groups[layer].emplace_back(word, &tensor);
  }
  std::vector<FrameworkLayer> layers;
  for (const auto& [layer, tensors] : groups) {
    // Only kernels have two dimensions or more.
    const bool is_norm = std::all_of(tensors.begin(), tensors.end(),
                                     [](const auto& t) { return t.second->shape.size() == 1; });
    FrameworkLayer found{layer, {}};
    for (const auto& [word, tensor] : tensors) {
      const std::string role = role_of(from, word, is_norm);
      const std::size_t rank = tensor->shape.size();
      const bool sound = role == "kernel" ? rank == 2 || rank == 4 : rank == 1;
      if (role.empty() || !sound || !found.parts.emplace(role, tensor).second) {
        throw Error(name + ": tensor " + quote(tensor->name) +
                    " belongs to no layer that can be converted: a convolution, a dense layer or a "
                    "batch normalisation");
      }
    }
    if (!is_norm && found.part("kernel") == nullptr) {
      throw Error(name + ": layer " + quote(layer) + " has no kernel");
    }
    if (is_norm && (!found.part("moving_mean") || !found.part("moving_variance"))) {
      throw Error(name + ": layer " + quote(layer) +
                  " has no mean and variance of its own, which a frozen batch normalisation needs");
    }
    layers.push_back(std::move(found));
  }
  std::stable_sort(layers.begin(), layers.end(),
                   [](const FrameworkLayer& a, const FrameworkLayer& b) {
                     return comes_before(a.name, b.name);
                   });
  return layers;
}

}  // namespace inoculate
