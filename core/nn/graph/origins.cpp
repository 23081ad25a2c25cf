#include "nn/graph/origins.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "nn/graph/import.h"

namespace inoculate {
namespace {

// Floats hold whole numbers of so many bits; a number among all is told by two of these.
constexpr int kBits = 22;
constexpr std::uint32_t kMask = (std::uint32_t{1} << kBits) - 1;

// Spreads the bits of a number (the finaliser of MurmurHash3): no arithmetic on numbers of the file
// gives what belongs to another one of them.
std::uint32_t scrambled(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x85EBCA6BU;
  x = (x ^ (x >> 13)) * 0xC2B2AE35U;
  return (x ^ (x >> 16)) & kMask;
}
std::uint32_t low_bits(std::uint32_t x) { return x & kMask; }
std::uint32_t high_bits(std::uint32_t x) { return x >> kBits; }

using Marks = std::uint32_t (*)(std::uint32_t);

std::shared_ptr<OnnxTensor> marked(const OnnxTensor& tensor, std::size_t first, Marks marks) {
  auto result = std::make_shared<OnnxTensor>(tensor);
  for (std::size_t i = 0; i < result->floats.size(); ++i) {
    // 1 more, so that a variance or a divisor is above 0.
    result->floats[i] = static_cast<float>(marks(static_cast<std::uint32_t>(first + i)) + 1);
  }
  return result;
}

OnnxAttribute* attribute_of(OnnxNode& node, const std::string& name) {
  for (OnnxAttribute& attribute : node.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

// The graph of the same file with marks in place of the tensors' numbers.
Graph marked_graph(const OnnxModel& model, const std::vector<FileTensor>& tensors, Marks marks,
                   const std::string& name) {
  OnnxModel other = model;
  for (const FileTensor& tensor : tensors) {
    SharedTensor& place =
        tensor.node < 0
            ? other.constants[tensor.name]
            : attribute_of(other.nodes[static_cast<std::size_t>(tensor.node)], tensor.name)->tensor;
    place = marked(*place, tensor.first, marks);
  }
  return import_onnx(std::move(other), name);
}

// The mark that a number of a marked graph is, or none.
std::optional<std::uint32_t> mark_of(float value) {
  if (!(value >= 1 && value <= static_cast<float>(kMask) + 1)) return std::nullopt;
  const auto mark = static_cast<std::uint32_t>(value) - 1;
  if (static_cast<float>(mark + 1) != value) return std::nullopt;
  return mark;
}

}  // namespace

std::vector<FileTensor> float_tensors(const OnnxModel& model) {
  std::vector<FileTensor> tensors;
  std::size_t count = 0;
  const auto add = [&](int node, const std::string& name, const SharedTensor& tensor) {
    if (tensor == nullptr || tensor->whole || tensor->floats.size() < 2) return;
    tensors.push_back({node, name, count, tensor->floats.size()});
    count += tensor->floats.size();
  };
  for (const auto& [name, tensor] : model.constants) add(-1, name, tensor);
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const OnnxAttribute& attribute : model.nodes[i].attributes) {
      // Of two of one name the first counts, to who reads and here.
      if (model.nodes[i].attribute(attribute.name) != &attribute) continue;
      add(static_cast<int>(i), attribute.name, attribute.tensor);
    }
  }
  return tensors;
}

const std::vector<float>& values_of(const OnnxModel& model, const FileTensor& tensor) {
  if (tensor.node < 0) return model.constants.at(tensor.name)->floats;
  const OnnxNode& node = model.nodes[static_cast<std::size_t>(tensor.node)];
  return node.attribute(tensor.name)->tensor->floats;
}

Origins find_origins(const OnnxModel& model, const Graph& graph, const std::string& name) {
  const std::vector<FileTensor> tensors = float_tensors(model);
  const std::size_t count = tensors.empty() ? 0 : tensors.back().first + tensors.back().size;
  if (count > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(name + ": has too many parameters to be trained here");
  }
  std::vector<float> numbers;
  numbers.reserve(count);
  for (const FileTensor& tensor : tensors) {
    const std::vector<float>& own = values_of(model, tensor);
    numbers.insert(numbers.end(), own.begin(), own.end());
  }
  const auto read = [&](Marks marks) {
    try {
      Graph other = marked_graph(model, tensors, marks, name);
      if (same_form(other, graph)) return other;
    } catch (const Error&) {
    }
    throw Error(name +
                ": what it computes depends on the numbers in its tensors in such a way that they "
                "cannot be trained here");
  };
  const Graph low = read(low_bits), check = read(scrambled);
  std::optional<Graph> high;
  if (count > kMask) high = read(high_bits);

  Origins origins(graph.weights.size());
  for (std::size_t w = 0; w < origins.size(); ++w) {
    const Weight& weight = graph.weights[w];
    for (std::size_t i = weight.offset; i < weight.offset + weight.size; ++i) {
      const auto mark = mark_of(low.values[i]);
      const auto upper = high ? mark_of(high->values[i]) : std::optional<std::uint32_t>(0);
      const std::uint64_t origin =
          mark && upper ? (std::uint64_t{*upper} << kBits | *mark) : std::uint64_t{count};
      if (origin >= count ||
          mark_of(check.values[i]) != scrambled(static_cast<std::uint32_t>(origin)) ||
          numbers[static_cast<std::size_t>(origin)] != graph.values[i]) {
        origins[w].clear();
        break;
      }
      origins[w].push_back(static_cast<std::uint32_t>(origin));
    }
  }
  return origins;
}

}  // namespace inoculate
