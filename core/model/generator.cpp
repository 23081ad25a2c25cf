#include "model/generator.h"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "nn/graph/build.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

constexpr float kSlope = 0.1F;
constexpr std::int64_t kWidest = 1 << 20, kMostNumbers = 1 << 26;
constexpr std::size_t kMostLayers = 16;

const char* kind_name(GeneratorKind kind) { return kind == GeneratorKind::kVae ? "vae" : "advgan"; }
const char* half_name(GeneratorKind kind) {
  return kind == GeneratorKind::kVae ? "decoder" : "generator";
}

// Adds a dense layer of so many units behind node `from`.
using AddDense = std::function<int(GraphBuilder& graph, int from, int units)>;
enum class Ending { kNone, kSigmoid, kTanh };

Graph dense_graph(int inputs, const std::vector<int>& hidden, int outputs, Ending ending,
                  const AddDense& add) {
  GraphBuilder graph({inputs});
  int last = 0;
  for (const int units : hidden) last = graph.leaky_relu(add(graph, last, units), kSlope);
  last = add(graph, last, outputs);
  if (ending == Ending::kSigmoid) last = graph.sigmoid(last);
  if (ending == Ending::kTanh) last = graph.tanh(last);
  return graph.take(last);
}

Generator make(const GeneratorSizes& sizes, const AddDense& encoder, const AddDense& generator) {
  const int pixels = sizes.image.size();
  const bool vae = sizes.kind == GeneratorKind::kVae;
  Generator made{sizes, {}, {}, 0, {}};
  if (vae) {
    made.encoder = dense_graph(pixels, sizes.encoder, 2 * sizes.latent, Ending::kNone, encoder);
  }
  made.generator = dense_graph(vae ? sizes.latent : pixels, sizes.generator, pixels,
                               vae ? Ending::kSigmoid : Ending::kTanh, generator);
  return made;
}

// The extents of a dense layer's weights: its kernel's, its bias's.
std::vector<std::int64_t> extents(const Graph& graph, const Node& node, std::size_t weight) {
  const std::int64_t units = node.shape.back();
  if (weight == 1) return {units};
  return {graph.shape(node.inputs[0]).back(), units};
}

std::string tensor_name(const std::string& half, const std::string& layer, std::size_t weight) {
  return half + "/" + layer + (weight == 0 ? "/kernel" : "/bias");
}

void add_tensors(std::vector<NamedTensor>& tensors, const Graph& graph, const std::string& half) {
  for (const Node& node : graph.nodes) {
    for (std::size_t i = 0; i < node.weights.size(); ++i) {
      const float* values = graph.weight(node.weights[i]);
      const std::size_t size = graph.weights[static_cast<std::size_t>(node.weights[i])].size;
      tensors.push_back(
          {tensor_name(half, node.name, i), extents(graph, node, i), {values, values + size}});
    }
  }
}

std::string list_text(const std::vector<int>& numbers, const char* between = ",") {
  std::string text;
  for (const int one : numbers) text += (text.empty() ? "" : between) + std::to_string(one);
  return text;
}

// The fewest digits that are read back as the same number.
std::string number_text(float value) {
  char text[32];
  for (int digits = 1; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(value));
    if (static_cast<float>(parse_number(text).value_or(0)) == value) break;
  }
  return text;
}

// A generator's file as it is read.
class Reader {
 public:
  Reader(const Safetensors& file, const std::string& name) : file_(file), name_(name) {}

  Generator read() {
    GeneratorSizes sizes;
    sizes.kind = kind();
    const bool vae = sizes.kind == GeneratorKind::kVae;
    sizes.image = image();
    if (vae) {
      sizes.encoder = widths("encoder");
      sizes.latent = one_width("latent");
    }
    sizes.generator = widths(half_name(sizes.kind));
    require_few_numbers(sizes);
    Generator generator = make(sizes, adder("encoder"), adder(half_name(sizes.kind)));
    if (!vae) generator.epsilon = epsilon();
    for (const NamedTensor& tensor : file_.tensors) {
      if (taken_.count(tensor.name) == 0) {
        refuse("its tensor " + quote(tensor.name) + " is not one of a " + kind_name(sizes.kind) +
               " of these sizes");
      }
    }
    generator.name = name_;
    return generator;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(name_ + ": " + what); }

  const std::string& metadata(const std::string& key) const {
    const auto found = file_.metadata.find(key);
    if (found == file_.metadata.end()) refuse("its metadata have no " + quote(key));
    return found->second;
  }

  GeneratorKind kind() const {
    if (!is_generator_file(file_)) {
      refuse("is no generator; give a file that train-generator wrote");
    }
    const std::string& text = metadata("kind");
    for (const GeneratorKind kind : {GeneratorKind::kVae, GeneratorKind::kAdvgan}) {
      if (text == kind_name(kind)) return kind;
    }
    refuse("is a generator of the unknown kind " + quote(text) + "; known are vae and advgan");
  }

  int width(const std::string& text, const std::string& key) const {
    const double value = parse_number(text).value_or(0);
    if (!(value >= 1 && value <= static_cast<double>(kWidest)) ||
        value != static_cast<double>(static_cast<std::int64_t>(value))) {
      refuse("its " + quote(key) + " has the size " + quote(text) + "; sizes are 1 to " +
             std::to_string(kWidest));
    }
    return static_cast<int>(value);
  }
  int one_width(const std::string& key) const { return width(metadata(key), key); }

  std::vector<int> widths(const std::string& key) const {
    std::vector<int> all;
    const std::string& text = metadata(key);
    if (text.empty()) return all;
    for (const std::string& entry : split_list(text)) {
      all.push_back(width(entry, key));
      if (all.size() > kMostLayers) {
        refuse("its " + quote(key) + " has more than " + std::to_string(kMostLayers) + " layers");
      }
    }
    return all;
  }

  Shape image() const {
    const std::vector<int> all = widths("image");
    const std::int64_t most = kWidest;
    if (all.size() != 3 || most / all[0] / all[1] / all[2] < 1) {
      refuse("its 'image' is " + quote(metadata("image")) +
             "; height, width and channels are wanted, of at most " + std::to_string(kWidest) +
             " pixels in all");
    }
    return {all[0], all[1], all[2]};
  }

  float epsilon() const {
    const std::optional<double> value = parse_number(metadata("epsilon"));
    if (!value || !(*value > 0 && *value <= 1)) {
      refuse("its 'epsilon' is " + quote(metadata("epsilon")) + "; a size above 0, up to 1");
    }
    return static_cast<float>(*value);
  }

  // So that what is allocated follows from what a file can hold.
  void require_few_numbers(const GeneratorSizes& sizes) const {
    std::int64_t numbers = 0;
    const auto add = [&](std::int64_t in, const std::vector<int>& hidden, std::int64_t out) {
      for (const int units : hidden) {
        numbers += (in + 1) * units;
        in = units;
      }
      numbers += (in + 1) * out;
    };
    const std::int64_t pixels = sizes.image.size();
    const bool vae = sizes.kind == GeneratorKind::kVae;
    if (vae) add(pixels, sizes.encoder, 2 * std::int64_t{sizes.latent});
    add(vae ? sizes.latent : pixels, sizes.generator, pixels);
    if (numbers > kMostNumbers) {
      refuse("its sizes come to " + std::to_string(numbers) + " numbers, more than the " +
             std::to_string(kMostNumbers) + " that are supported");
    }
  }

  // Adds layers of the numbers that the file has for that half.
  AddDense adder(const std::string& half) {
    return [this, half, layer = 0](GraphBuilder& graph, int from, int units) mutable {
      const std::string name = "dense" + std::to_string(++layer);
      const std::int64_t in = graph.shape(from).back();
      const std::vector<float>& kernel = take(tensor_name(half, name, 0), {in, units});
      return graph.dense(from, kernel, take(tensor_name(half, name, 1), {units}));
    };
  }

  const std::vector<float>& take(const std::string& name, const std::vector<std::int64_t>& shape) {
    for (const NamedTensor& tensor : file_.tensors) {
      if (tensor.name != name) continue;
      if (tensor.shape != shape) {
        refuse("its tensor " + quote(name) + " is of another shape than its sizes say");
      }
      taken_.insert(name);
      return tensor.values;
    }
    refuse("its tensor " + quote(name) + " is missing");
  }

  const Safetensors& file_;
  const std::string& name_;
  std::set<std::string> taken_;
};

}  // namespace

Generator first_generator(const GeneratorSizes& sizes, Rng& rng) {
  const AddDense add = [&](GraphBuilder& graph, int from, int units) {
    return graph.dense(from, units, rng);
  };
  return make(sizes, add, add);
}

Safetensors generator_file(const Generator& generator,
                           std::map<std::string, std::string> metadata) {
  const GeneratorSizes& sizes = generator.sizes;
  const std::string half = half_name(sizes.kind);
  metadata["kind"] = kind_name(sizes.kind);
  metadata["image"] = list_text({sizes.image.h, sizes.image.w, sizes.image.c});
  metadata[half] = list_text(sizes.generator);
  Safetensors file;
  if (sizes.kind == GeneratorKind::kVae) {
    metadata["encoder"] = list_text(sizes.encoder);
    metadata["latent"] = std::to_string(sizes.latent);
    add_tensors(file.tensors, generator.encoder, "encoder");
  } else {
    metadata["epsilon"] = number_text(generator.epsilon);
  }
  add_tensors(file.tensors, generator.generator, half);
  file.metadata = std::move(metadata);
  return file;
}

bool is_generator_file(const Safetensors& file) { return file.metadata.count("kind") != 0; }

Generator generator_of(const Safetensors& file, const std::string& name) {
  return Reader(file, name).read();
}

}  // namespace inoculate
