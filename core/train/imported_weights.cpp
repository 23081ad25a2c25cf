#include "train/imported_weights.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "nn/batch_norm.h"
#include "nn/weights.h"

namespace inoculate {
namespace {

constexpr double kOurNormEpsilon = static_cast<double>(kBatchNormEpsilon);

enum class Kind { kConv, kDense, kNorm };

/// A layer of the file: its tensors by our names for them ("kernel", "moving_mean").
struct Module {
  std::string name;
  std::map<std::string, const NamedTensor*> parts;
  bool used = false;

  const NamedTensor* part(const std::string& role) const {
    const auto found = parts.find(role);
    return found == parts.end() ? nullptr : found->second;
  }
  Kind kind() const {
    const NamedTensor* kernel = part("kernel");
    return kernel == nullptr ? Kind::kNorm : kernel->shape.size() == 4 ? Kind::kConv : Kind::kDense;
  }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "features.2" comes before "features.10".
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

/// The layer that a tensor belongs to, and what it is there in the framework's word.
std::pair<std::string, std::string> split_name(Framework from, std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  const std::size_t cut = name.rfind(from == Framework::kTorch ? '.' : '/');
  if (cut == std::string::npos) return {"", name};
  return {name.substr(0, cut), name.substr(cut + 1)};
}

/// Our name for a framework's word, which may hang on the layer's other tensors.
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

/// The layers of the file, in the order of their names.
std::vector<Module> modules_of(const Safetensors& file, Framework from, const std::string& name) {
  std::map<std::string, std::vector<std::pair<std::string, const NamedTensor*>>> groups;
  for (const NamedTensor& tensor : file.tensors) {
    if (is_bookkeeping(from, tensor.name)) continue;
    auto [layer, word] = split_name(from, tensor.name);
    groups[layer].emplace_back(word, &tensor);
  }
  std::vector<Module> modules;
  for (const auto& [layer, tensors] : groups) {
    // Only kernels have two dimensions or more.
    const bool is_norm = std::all_of(tensors.begin(), tensors.end(),
                                     [](const auto& t) { return t.second->shape.size() == 1; });
    Module module{layer, {}};
    for (const auto& [word, tensor] : tensors) {
      const std::string role = role_of(from, word, is_norm);
      const std::size_t rank = tensor->shape.size();
      const bool sound = role == "kernel" ? rank == 2 || rank == 4 : rank == 1;
      if (role.empty() || !sound || !module.parts.emplace(role, tensor).second) {
        throw Error(name + ": tensor " + quote(tensor->name) +
                    " belongs to no layer that can be converted: a convolution, a dense layer or a "
                    "batch normalisation");
      }
    }
    if (!is_norm && module.part("kernel") == nullptr) {
      throw Error(name + ": layer " + quote(layer) + " has no kernel");
    }
    if (is_norm && (!module.part("moving_mean") || !module.part("moving_variance"))) {
      throw Error(name + ": layer " + quote(layer) +
                  " has no mean and variance of its own, which a frozen batch normalisation needs");
    }
    modules.push_back(std::move(module));
  }
  std::stable_sort(modules.begin(), modules.end(),
                   [](const Module& a, const Module& b) { return comes_before(a.name, b.name); });
  return modules;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    text += (text.empty() ? "[" : ", ") + std::to_string(extent);
  }
  return text + "]";
}

/// Fills one architecture from the layers of a file.
class Importer {
 public:
  Importer(const Architecture& architecture, std::vector<Module> modules,
           const ImportOptions& options)
      : architecture_(architecture), modules_(std::move(modules)), options_(options) {
    const bool torch = options.from == Framework::kTorch;
    channels_first_ = options.flattening.value_or(torch ? Flattening::kChannelsFirst
                                                        : Flattening::kChannelsLast) ==
                      Flattening::kChannelsFirst;
    norm_epsilon_ = options.norm_epsilon.value_or(torch ? 1e-5 : kOurNormEpsilon);
  }

  /// Whether all layers found their tensors and none is left over; `mismatch` says what not.
  bool fill() {
    Shape shape = architecture_.input;
    for (const LayerSpec& layer : architecture_.layers) {
      if (const auto* conv = std::get_if<ConvSpec>(&layer)) {
        if (!add_conv(*conv, shape)) return false;
        shape = {(shape.h + conv->stride - 1) / conv->stride,
                 (shape.w + conv->stride - 1) / conv->stride, conv->filters};
      } else if (const auto* dense = std::get_if<DenseSpec>(&layer)) {
        if (!add_dense(*dense, shape)) return false;
        shape = {1, 1, dense->units};
      } else if (const auto* norm = std::get_if<BatchNormSpec>(&layer)) {
        if (!add_norm(*norm, shape)) return false;
      }
    }
    for (const Module& module : modules_) {
      if (!module.used) {
        mismatch = "has no place for " + quote(module.name);
        return false;
      }
    }
    return true;
  }

  std::vector<NamedTensor> tensors;
  std::vector<std::string> notes;
  std::string mismatch;

 private:
  bool torch() const { return options_.from == Framework::kTorch; }

  /// The next layer of that kind and with that kernel (or, of a norm, mean); null if there is none.
  Module* take(Kind kind, const std::vector<std::int64_t>& shape, const std::string& ours) {
    Module* taken = nullptr;
    int equal = 0;
    for (Module& module : modules_) {
      const char* role = kind == Kind::kNorm ? "moving_mean" : "kernel";
      if (module.used || module.kind() != kind || module.part(role)->shape != shape) continue;
      if (taken == nullptr) taken = &module;
      ++equal;
    }
    if (taken == nullptr) {
      mismatch = "needs " + shape_text(shape) + " for " + ours;
      return nullptr;
    }
    if (equal > 1) {
      notes.push_back(std::to_string(equal) + " layers fit " + ours + "; " + quote(taken->name) +
                      " was taken, the first by name");
    }
    taken->used = true;
    return taken;
  }

  void add(std::string name, std::vector<std::int64_t> shape, std::vector<float> values) {
    tensors.push_back({std::move(name), std::move(shape), std::move(values)});
  }

  /// One value a channel: the file's, or `otherwise` where it has none.
  bool add_channels(const Module& module, const std::string& role, const std::string& ours,
                    int channels, float otherwise) {
    const NamedTensor* tensor = module.part(role);
    if (tensor == nullptr) {
      notes.push_back(quote(module.name) + " has no " + role + "; it is " +
                      (otherwise == 0 ? "0" : "1"));
      add(ours, {channels}, std::vector<float>(static_cast<std::size_t>(channels), otherwise));
    } else if (tensor->shape != std::vector<std::int64_t>{channels}) {
      mismatch = "needs [" + std::to_string(channels) + "] for " + ours;
      return false;
    } else {
      add(ours, {channels}, tensor->values);
    }
    return true;
  }

  bool add_conv(const ConvSpec& conv, const Shape& in) {
    const std::int64_t k = conv.kernel, c = in.c, f = conv.filters;
    const std::vector<std::int64_t> ours{k, k, c, f};
    const Module* module =
        take(Kind::kConv, torch() ? std::vector<std::int64_t>{f, c, k, k} : ours, conv.name);
    if (module == nullptr) return false;
    std::vector<float> values = module->part("kernel")->values;
    if (torch()) {
      const std::vector<float> theirs = values;
      std::size_t to = 0;
      for (std::int64_t at = 0; at < k * k; ++at) {
        for (std::int64_t channel = 0; channel < c; ++channel) {
          for (std::int64_t filter = 0; filter < f; ++filter) {
            values[to++] = theirs[static_cast<std::size_t>((filter * c + channel) * k * k + at)];
          }
        }
      }
    }
    add(conv.name + "/kernel", ours, std::move(values));
    return add_channels(*module, "bias", conv.name + "/bias", conv.filters, 0);
  }

  bool add_dense(const DenseSpec& dense, const Shape& in) {
    const std::int64_t inputs = in.size(), units = dense.units;
    const std::vector<std::int64_t> ours{inputs, units};
    const Module* module =
        take(Kind::kDense, torch() ? std::vector<std::int64_t>{units, inputs} : ours, dense.name);
    if (module == nullptr) return false;
    const std::vector<float>& theirs = module->part("kernel")->values;
    std::vector<float> values(theirs.size());
    const std::int64_t positions = std::int64_t{in.h} * in.w;
    for (std::int64_t row = 0; row < inputs; ++row) {
      // Our row is of place row / C and channel row % C.
      const std::int64_t their_row = channels_first_ ? row % in.c * positions + row / in.c : row;
      for (std::int64_t unit = 0; unit < units; ++unit) {
        const std::int64_t from = torch() ? unit * inputs + their_row : their_row * units + unit;
        values[static_cast<std::size_t>(row * units + unit)] =
            theirs[static_cast<std::size_t>(from)];
      }
    }
    add(dense.name + "/kernel", ours, std::move(values));
    return add_channels(*module, "bias", dense.name + "/bias", dense.units, 0);
  }

  bool add_norm(const BatchNormSpec& norm, const Shape& in) {
    const Module* module = take(Kind::kNorm, {in.c}, norm.name);
    if (module == nullptr) return false;
    if (!add_channels(*module, "gamma", norm.name + "/gamma", in.c, 1)) return false;
    const std::size_t gamma = tensors.size() - 1;
    if (!add_channels(*module, "moving_variance", norm.name + "/moving_variance", in.c, 1)) {
      return false;
    }
    const std::vector<float>& variance = tensors.back().values;
    std::vector<float>& scale = tensors[gamma].values;
    for (std::size_t i = 0; i < scale.size(); ++i) {
      const double v = static_cast<double>(variance[i]);
      scale[i] = static_cast<float>(static_cast<double>(scale[i]) *
                                    std::sqrt((v + kOurNormEpsilon) / (v + norm_epsilon_)));
    }
    return add_channels(*module, "beta", norm.name + "/beta", in.c, 0) &&
           add_channels(*module, "moving_mean", norm.name + "/moving_mean", in.c, 0);
  }

  const Architecture& architecture_;
  std::vector<Module> modules_;
  ImportOptions options_;
  bool channels_first_ = false;
  double norm_epsilon_ = kOurNormEpsilon;
};

template <typename Spec>
bool has(const Architecture& architecture) {
  return std::any_of(architecture.layers.begin(), architecture.layers.end(),
                     [](const LayerSpec& l) { return std::holds_alternative<Spec>(l); });
}

void add_notes(std::vector<std::string>& notes, const Architecture& architecture, Framework from) {
  if (from == Framework::kTorch && has<ConvSpec>(architecture)) {
    notes.emplace_back(
        "convolutions here pad 0 before and 1 after: PyTorch's F.pad(x, (0, 1, 0, 1)) is the same, "
        "its padding=1 at stride 2 is not");
  }
  if (has<BatchNormSpec>(architecture)) {
    notes.emplace_back("every batch normalisation comes after its rectifier here");
  }
}

}  // namespace

bool is_bookkeeping(Framework from, const std::string& tensor) {
  if (from == Framework::kTorch) {
    return tensor == "num_batches_tracked" || tensor.ends_with(".num_batches_tracked");
  }
  return tensor.starts_with("optimizer") || tensor.find("seed_generator") != std::string::npos ||
         tensor.ends_with("iterations") || tensor.ends_with("iterations:0");
}

ImportedNetwork import_weights(const Safetensors& file, const ImportOptions& options,
                               const std::string& name) {
  const std::vector<Module> modules = modules_of(file, options.from, name);
  std::string reasons;
  for (const std::string& known : architecture_names()) {
    if (!options.architecture.empty() && known != options.architecture) continue;
    const Architecture architecture = *find_architecture(known);
    Importer importer(architecture, modules, options);
    if (!importer.fill()) {
      reasons += (reasons.empty() ? "" : "; ") + known + " " + importer.mismatch;
      continue;
    }
    ImportedNetwork imported{Network(architecture), std::move(importer.notes)};
    set_weights(imported.network, importer.tensors, name);
    add_notes(imported.notes, architecture, options.from);
    return imported;
  }
  throw Error(name + ": its layers fit no network that is known here (" + reasons +
              "); check --from, or make the network anew");
}

}  // namespace inoculate
