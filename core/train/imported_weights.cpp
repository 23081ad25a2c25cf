#include "train/imported_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "nn/batch_norm.h"
#include "nn/weights.h"
#include "train/framework_layers.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr double kOurNormEpsilon = static_cast<double>(kBatchNormEpsilon);

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
  Importer(const Architecture& architecture, std::vector<FrameworkLayer> layers,
           const ImportOptions& options)
      : architecture_(architecture), layers_(std::move(layers)), options_(options) {
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
    for (const FrameworkLayer& layer : layers_) {
      if (!layer.used) {
        mismatch = "has no place for " + quote(layer.name);
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
  FrameworkLayer* take(LayerKind kind, const std::vector<std::int64_t>& shape,
                       const std::string& ours) {
    FrameworkLayer* taken = nullptr;
    int equal = 0;
    for (FrameworkLayer& layer : layers_) {
      const char* role = kind == LayerKind::kNorm ? "moving_mean" : "kernel";
      if (layer.used || layer.kind() != kind || layer.part(role)->shape != shape) continue;
      if (taken == nullptr) taken = &layer;
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
  bool add_channels(const FrameworkLayer& layer, const std::string& role, const std::string& ours,
                    int channels, float otherwise) {
    const NamedTensor* tensor = layer.part(role);
    if (tensor == nullptr) {
      notes.push_back(quote(layer.name) + " has no " + role + "; it is " +
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
    const FrameworkLayer* layer =
        take(LayerKind::kConv, torch() ? std::vector<std::int64_t>{f, c, k, k} : ours, conv.name);
    if (layer == nullptr) return false;
    std::vector<float> values = layer->part("kernel")->values;
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
    return add_channels(*layer, "bias", conv.name + "/bias", conv.filters, 0);
  }

  bool add_dense(const DenseSpec& dense, const Shape& in) {
    const std::int64_t inputs = in.size(), units = dense.units;
    const std::vector<std::int64_t> ours{inputs, units};
    const FrameworkLayer* layer = take(
        LayerKind::kDense, torch() ? std::vector<std::int64_t>{units, inputs} : ours, dense.name);
    if (layer == nullptr) return false;
    const std::vector<float>& theirs = layer->part("kernel")->values;
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
    return add_channels(*layer, "bias", dense.name + "/bias", dense.units, 0);
  }

  bool add_norm(const BatchNormSpec& norm, const Shape& in) {
    const FrameworkLayer* layer = take(LayerKind::kNorm, {in.c}, norm.name);
    if (layer == nullptr) return false;
    if (!add_channels(*layer, "gamma", norm.name + "/gamma", in.c, 1)) return false;
    const std::size_t gamma = tensors.size() - 1;
    if (!add_channels(*layer, "moving_variance", norm.name + "/moving_variance", in.c, 1)) {
      return false;
    }
    const std::vector<float>& variance = tensors.back().values;
    std::vector<float>& scale = tensors[gamma].values;
    for (std::size_t i = 0; i < scale.size(); ++i) {
      const double v = static_cast<double>(variance[i]);
      scale[i] = static_cast<float>(static_cast<double>(scale[i]) *
                                    std::sqrt((v + kOurNormEpsilon) / (v + norm_epsilon_)));
    }
    return add_channels(*layer, "beta", norm.name + "/beta", in.c, 0) &&
           add_channels(*layer, "moving_mean", norm.name + "/moving_mean", in.c, 0);
  }

  const Architecture& architecture_;
  std::vector<FrameworkLayer> layers_;
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
  const std::vector<FrameworkLayer> layers = framework_layers(file, options.from, name);
  std::string reasons;
  for (const std::string& known : architecture_names()) {
    if (!options.architecture.empty() && known != options.architecture) continue;
    const Architecture architecture = *find_architecture(known);
    Importer importer(architecture, layers, options);
    if (!importer.fill()) {
      reasons += (reasons.empty() ? "" : "; ") + known + " " + importer.mismatch;
      continue;
    }
    if (options.norm_epsilon && !has<BatchNormSpec>(architecture)) {
      throw Error(name + ": is a " + known +
                  ", which has no batch normalisation; leave out the epsilon of one");
    }
    ImportedNetwork imported{Network(architecture), std::move(importer.notes)};
    set_weights(imported.network, importer.tensors, name);
    require_finite_answers(imported.network, name);
    add_notes(imported.notes, architecture, options.from);
    return imported;
  }
  throw Error(name + ": its layers fit no network that is known here (" + reasons +
              "); check --from, or make the network anew");
}

}  // namespace inoculate
