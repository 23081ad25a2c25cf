#include "train/model_file.h"

#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "model/network_classifier.h"
#include "nn/weights.h"
#include "train/checkpoint.h"

namespace inoculate {

Architecture architecture_of(const Safetensors& file, const std::string& name) {
  const auto named = file.metadata.find("architecture");
  if (named == file.metadata.end()) return simple_cnn();
  if (auto architecture = find_architecture(named->second)) return *std::move(architecture);
  std::string known;
  for (const std::string& one : architecture_names()) known += (known.empty() ? "" : ", ") + one;
  throw Error(name + ": its architecture " + quote(named->second) + " is unknown; known are " +
              known);
}

Network network_of(const Safetensors& file, const std::string& name) {
  if (checkpoint_method(file)) {
    throw Error(name +
                ": is a checkpoint of a training run, not weights; give the weights that the run "
                "wrote");
  }
  Network network(architecture_of(file, name));
  set_weights(network, file.tensors, name);
  require_finite_answers(network, name);
  return network;
}

void require_finite_answers(const Network& network, const std::string& name) {
  Matrix images(3, network.input_size());
  for (const int i : {0, 1, 2}) images.row(i).setConstant(0.5F * static_cast<float>(i));
  try {
    NetworkClassifier(network).logits(images);
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

std::optional<double> promised_accuracy_of(const Safetensors& file) {
  const auto found = file.metadata.find("test_accuracy");
  if (found == file.metadata.end()) return {};
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  if (end == found->second.c_str() || !(value >= 0 && value <= 1)) return {};
  return value;
}

Safetensors model_file(const WeightTable& network, std::map<std::string, std::string> metadata) {
  metadata["architecture"] = network.architecture;
  return {weights(network), std::move(metadata)};
}

}  // namespace inoculate
