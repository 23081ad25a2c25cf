#include "nn/weights.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

constexpr std::size_t kLongestShape = 80;  // a file may give as many extents as it likes

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) {
    if (text.size() > 1) text += ", ";
    if (text.size() > kLongestShape) return text + "...]";
    text += std::to_string(extent);
  }
  return text + "]";
}

NamedTensor cut(const TensorInfo& info, std::span<const float> arena, const std::string& prefix) {
  const auto values = arena.subspan(info.offset, info.size);
  return {prefix + info.name, info.shape, {values.begin(), values.end()}};
}

// The tensors whose names begin with the prefix, by name.
std::map<std::string, const NamedTensor*> by_name(const std::vector<NamedTensor>& tensors,
                                                  const std::string& prefix) {
  std::map<std::string, const NamedTensor*> found;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name.starts_with(prefix)) found.emplace(tensor.name, &tensor);
  }
  return found;
}

bool ends_with_variance(const std::string& name) { return name.ends_with("/moving_variance"); }

// Takes the tensor `info` asks for out of `found`, checked.
const NamedTensor& take(std::map<std::string, const NamedTensor*>& found, const TensorInfo& info,
                        const std::string& prefix, const std::string& source,
                        const std::string& architecture) {
  const std::string name = prefix + info.name;
  const auto entry = found.find(name);
  if (entry == found.end()) {
    throw Error(source + ": tensor " + quote(name) + " is missing; this is not a file of " +
                architecture + " weights");
  }
  const NamedTensor& tensor = *entry->second;
  found.erase(entry);
  if (tensor.shape != info.shape) {
    throw Error(source + ": tensor " + quote(name) + " has shape " + shape_text(tensor.shape) +
                ", but " + architecture + " needs " + shape_text(info.shape));
  }
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) {
      throw Error(source + ": tensor " + quote(name) +
                  " holds a value that is not finite; train the model again");
    }
    if (value < 0 && ends_with_variance(name)) {
      throw Error(source + ": tensor " + quote(name) +
                  " holds a negative variance; train the model again");
    }
  }
  return tensor;
}

struct Accepted {
  const TensorInfo* info;
  const NamedTensor* tensor;
};

// The tensor for each of the network's, all checked before any is used; none may be left over.
std::vector<Accepted> accept_all(const WeightTable& table, const std::vector<NamedTensor>& tensors,
                                 const std::string& prefix, bool with_statistics,
                                 const std::string& source) {
  const std::string& architecture = table.architecture;
  auto found = by_name(tensors, prefix);
  std::vector<Accepted> accepted;
  for (const TensorInfo& info : table.tensors) {
    if (!info.trained && !with_statistics) continue;
    accepted.push_back({&info, &take(found, info, prefix, source, architecture)});
  }
  if (!found.empty()) {
    throw Error(source + ": tensor " + quote(found.begin()->first) + " is not one of " +
                architecture + "; this is a file of another network");
  }
  return accepted;
}

}  // namespace

WeightTable weight_table(const Network& network) {
  return {network.architecture().name, network.tensors(), network.parameters(),
          network.statistics()};
}

std::vector<NamedTensor> weights(const WeightTable& table) {
  std::vector<NamedTensor> tensors;
  for (const TensorInfo& info : table.tensors) {
    tensors.push_back(cut(info, info.trained ? table.parameters : table.statistics, ""));
  }
  return tensors;
}

std::vector<NamedTensor> named(const WeightTable& table, std::span<const float> parameters,
                               const std::string& prefix) {
  std::vector<NamedTensor> tensors;
  for (const TensorInfo& info : table.tensors) {
    if (info.trained) tensors.push_back(cut(info, parameters, prefix));
  }
  return tensors;
}

void set_weights(std::span<float> parameters, std::span<float> statistics, const WeightTable& table,
                 const std::vector<NamedTensor>& tensors, const std::string& source) {
  for (const Accepted& a : accept_all(table, tensors, "", true, source)) {
    const auto arena = a.info->trained ? parameters : statistics;
    std::copy(a.tensor->values.begin(), a.tensor->values.end(),
              arena.subspan(a.info->offset, a.info->size).begin());
  }
}

void set_named(std::span<float> parameters, const WeightTable& table,
               const std::vector<NamedTensor>& tensors, const std::string& prefix,
               const std::string& source) {
  for (const Accepted& a : accept_all(table, tensors, prefix, false, source)) {
    std::copy(a.tensor->values.begin(), a.tensor->values.end(),
              parameters.subspan(a.info->offset, a.info->size).begin());
  }
}

}  // namespace inoculate
