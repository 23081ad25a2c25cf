#include "model/onnx_source.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "formats/onnx/model.h"
#include "formats/onnx/rewrite.h"
#include "nn/graph/import.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

// Which nodes have a weight that is trained before them, or are such themselves.
std::vector<bool> behind_parameters(const Graph& graph) {
  std::vector<bool> behind(graph.nodes.size());
  for (std::size_t i = 0; i < behind.size(); ++i) {
    const Node& node = graph.nodes[i];
    behind[i] = graph.parameters_of(node) > 0 ||
                std::any_of(node.inputs.begin(), node.inputs.end(),
                            [&](int input) { return behind[static_cast<std::size_t>(input)]; });
  }
  return behind;
}

// The weights of constants that meet what a trained layer gives: biases, scales, positions. Others
// only prepare the image.
std::vector<int> learnable_constants(const Graph& graph) {
  const std::vector<bool> behind = behind_parameters(graph);
  std::vector<int> found;
  for (const Node& reader : graph.nodes) {
    const bool meets = std::any_of(reader.inputs.begin(), reader.inputs.end(), [&](int input) {
      return behind[static_cast<std::size_t>(input)];
    });
    for (const int input : reader.inputs) {
      const Node& node = graph.node(input);
      if (meets && node.kernel == &kConstantValue) found.push_back(node.weights[0]);
    }
  }
  return found;
}

}  // namespace

OnnxSource::OnnxSource(Bytes file, std::string name, Graph& graph)
    : file_(std::move(file)), name_(std::move(name)) {
  const OnnxModel model = parse_onnx(file_, name_);
  tensors_ = float_tensors(model);
  for (const FileTensor& tensor : tensors_) {
    const std::vector<float>& own = values_of(model, tensor);
    numbers_.insert(numbers_.end(), own.begin(), own.end());
  }
  graph = import_onnx(model, name_);
  origins_ = find_origins(model, graph, name_);
  choose(graph);
  require_separate(graph);
  require_writable(graph);
}

// Sets which weights are trained.
void OnnxSource::choose(Graph& graph) {
  for (const int number : learnable_constants(graph)) {
    const auto w = static_cast<std::size_t>(number);
    if (!origins_[w].empty()) graph.weights[w].role = Role::kParameter;
  }
  for (const Node& node : graph.nodes) {
    bool whole = true;
    for (const int number : node.weights) {
      const auto w = static_cast<std::size_t>(number);
      Weight& weight = graph.weights[w];
      if (weight.role == Role::kConstant || !origins_[w].empty()) continue;
      if (weight.role == Role::kStatistic) {
        throw Error(name_ + ": node " + quote(node.name) +
                    ": its moving statistics are worked out from other numbers, so that they "
                    "cannot follow the training");
      }
      weight.role = Role::kConstant;
      whole = false;
    }
    if (!whole) left_out_.push_back(node.name);
  }
  const bool any = std::any_of(graph.weights.begin(), graph.weights.end(),
                               [](const Weight& w) { return w.role == Role::kParameter; });
  if (any) return;
  throw Error(name_ + (left_out_.empty()
                           ? ": has no parameters, so there is nothing to train"
                           : ": its parameters are worked out from other numbers of the file, so "
                             "that none can be trained here"));
}

// A number that is a statistic can be nothing else as well.
void OnnxSource::require_separate(const Graph& graph) const {
  std::vector<Role> roles(numbers_.size(), Role::kConstant);
  for (const Role role : {Role::kParameter, Role::kStatistic}) {
    for (std::size_t w = 0; w < origins_.size(); ++w) {
      if (graph.weights[w].role != role) continue;
      for (const std::uint32_t origin : origins_[w]) {
        if (role == Role::kStatistic && roles[origin] != Role::kConstant) {
          throw Error(
              name_ +
              ": uses the same numbers as moving statistics in two places, or as parameters "
              "too, so that it cannot be trained here; of an untrained network PyTorch's "
              "older exporter joins what is equal: export it with dynamo=True");
        }
        roles[origin] = role;
      }
    }
  }
}

// Tries other numbers: they must come back, and nothing else may change with them.
void OnnxSource::require_writable(const Graph& graph) const {
  Graph other = graph;
  for (std::size_t w = 0; w < origins_.size(); ++w) {
    if (graph.weights[w].role == Role::kConstant) continue;
    float* values = other.values.data() + graph.weights[w].offset;
    for (std::size_t i = 0; i < graph.weights[w].size; ++i) {
      // What halves, too, hold exactly.
      values[i] = std::abs(values[i]) < 1e-3F ? 0.5F : values[i] / 2;
    }
  }
  if (same_numbers(read(written(other, {})), other)) return;
  throw Error(name_ +
              ": its parameters are also used in another way than as they are; it cannot be "
              "trained here");
}

// The file with the weights of a graph.
Bytes OnnxSource::written(const Graph& graph,
                          const std::map<std::string, std::string>& metadata) const {
  std::vector<float> now = numbers_;
  for (std::size_t w = 0; w < origins_.size(); ++w) {
    if (graph.weights[w].role == Role::kConstant) continue;
    const float* values = graph.weight(static_cast<int>(w));
    for (std::size_t i = 0; i < origins_[w].size(); ++i) now[origins_[w][i]] = values[i];
  }
  std::map<std::pair<int, std::string>, std::vector<float>> changed;
  for (const FileTensor& tensor : tensors_) {
    const auto first = static_cast<std::ptrdiff_t>(tensor.first);
    const auto last = first + static_cast<std::ptrdiff_t>(tensor.size);
    if (std::equal(now.begin() + first, now.begin() + last, numbers_.begin() + first)) continue;
    changed[{tensor.node, tensor.name}] = {now.begin() + first, now.begin() + last};
  }
  const auto of = [&](int node, const std::string& tensor) {
    const auto found = changed.find({node, tensor});
    return found == changed.end() ? nullptr : &found->second;
  };
  return rewrite_onnx(file_, of, metadata, name_);
}

Graph OnnxSource::read(ByteView file) const { return import_onnx(parse_onnx(file, name_), name_); }

std::vector<std::vector<std::size_t>> OnnxSource::ties(const Graph& graph) const {
  std::map<std::uint32_t, std::vector<std::size_t>> shared;
  std::vector<bool> seen(numbers_.size());
  const auto for_each = [&](auto&& use) {
    for (std::size_t w = 0; w < origins_.size(); ++w) {
      if (graph.weights[w].role != Role::kParameter) continue;
      for (std::size_t i = 0; i < origins_[w].size(); ++i) {
        use(origins_[w][i], graph.weights[w].offset + i);
      }
    }
  };
  for_each([&](std::uint32_t origin, std::size_t) {
    if (seen[origin]) shared[origin];
    seen[origin] = true;
  });
  if (shared.empty()) return {};
  for_each([&](std::uint32_t origin, std::size_t place) {
    const auto found = shared.find(origin);
    if (found != shared.end()) found->second.push_back(place);
  });
  std::vector<std::vector<std::size_t>> ties;
  for (auto& [origin, places] : shared) ties.push_back(std::move(places));
  return ties;
}

bool same_numbers(const Graph& a, const Graph& b) {
  if (a.weights.size() != b.weights.size()) return false;
  for (std::size_t w = 0; w < a.weights.size(); ++w) {
    const float *x = a.weight(static_cast<int>(w)), *y = b.weight(static_cast<int>(w));
    if (!std::equal(x, x + a.weights[w].size, y, y + b.weights[w].size)) return false;
  }
  return true;
}

}  // namespace inoculate
