#include "native/model.h"

#include <utility>

#include "base/error.h"
#include "native/files.h"
#include "nn/weights.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

Architecture known_architecture(const std::string& name, const std::string& path) {
  for (Architecture (*make)() : {+[] { return simple_cnn(); }, +[] { return mlp(); },
                                 +[] { return logistic_regression(); }}) {
    Architecture architecture = make();
    if (architecture.name == name) return architecture;
  }
  throw Error(path + ": its architecture '" + name +
              "' is unknown; known are simple_cnn, mlp and logistic_regression");
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, kLargestFile), path.string());
}

Network load_model(const std::filesystem::path& path) {
  const Safetensors file = read_safetensors(path);
  const auto name = file.metadata.find("architecture");
  Network network(name == file.metadata.end() ? simple_cnn()
                                              : known_architecture(name->second, path.string()));
  set_weights(network, file.tensors, path.string());
  return network;
}

void save_model(const Network& network, std::map<std::string, std::string> metadata,
                const std::filesystem::path& path) {
  metadata["architecture"] = network.architecture().name;
  write_file_atomically(path, write_safetensors({weights(network), std::move(metadata)}));
}

}  // namespace inoculate
