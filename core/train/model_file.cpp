#include "train/model_file.h"

#include <utility>

#include "base/error.h"
#include "nn/weights.h"

namespace inoculate {
namespace {

Architecture known_architecture(const std::string& architecture_name, const std::string& name) {
  for (Architecture (*make)() : {+[] { return simple_cnn(); }, +[] { return mlp(); },
                                 +[] { return logistic_regression(); }}) {
    Architecture architecture = make();
    if (architecture.name == architecture_name) return architecture;
  }
  throw Error(name + ": its architecture '" + architecture_name +
              "' is unknown; known are simple_cnn, mlp and logistic_regression");
}

}  // namespace

Network network_of(const Safetensors& file, const std::string& name) {
  const auto found = file.metadata.find("architecture");
  Network network(found == file.metadata.end() ? simple_cnn()
                                               : known_architecture(found->second, name));
  set_weights(network, file.tensors, name);
  return network;
}

Safetensors model_file(const Network& network, std::map<std::string, std::string> metadata) {
  metadata["architecture"] = network.architecture().name;
  return {weights(network), std::move(metadata)};
}

}  // namespace inoculate
