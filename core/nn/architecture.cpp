#include "nn/architecture.h"

#include <array>

namespace inoculate {
namespace {

constexpr Shape kDigit{28, 28, 1};
constexpr int kClasses = 10;

struct Named {
  const char* name;
  Architecture (*make)();
};
constexpr std::array kKnown{Named{"simple_cnn", [] { return simple_cnn(); }},
                            Named{"mlp", [] { return mlp(); }}, Named{"mlp_1200", mlp_1200},
                            Named{"logistic_regression", logistic_regression}};

}  // namespace

Architecture simple_cnn(float dropout) {
  Architecture net{"simple_cnn",
                   kDigit,
                   {ConvSpec{"conv1", 32, 3, 2}, ReluSpec{}, BatchNormSpec{"bn1"},
                    ConvSpec{"conv2", 64, 3, 2}, ReluSpec{}, BatchNormSpec{"bn2"},
                    DenseSpec{"dense1", 128}, ReluSpec{}, BatchNormSpec{"bn3"}}};
  if (dropout > 0) net.layers.emplace_back(DropoutSpec{dropout});
  net.layers.emplace_back(DenseSpec{"dense2", kClasses});
  return net;
}

Architecture mlp(int hidden) {
  return {"mlp", kDigit, {DenseSpec{"dense1", hidden}, ReluSpec{}, DenseSpec{"dense2", kClasses}}};
}

Architecture mlp_1200() {
  return {"mlp_1200",
          kDigit,
          {DenseSpec{"dense1", 1200}, BatchNormSpec{"bn1"}, ReluSpec{}, DenseSpec{"dense2", 1200},
           BatchNormSpec{"bn2"}, ReluSpec{}, DenseSpec{"dense3", kClasses}}};
}

Architecture logistic_regression() {
  return {"logistic_regression", kDigit, {DenseSpec{"dense1", kClasses}}};
}

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const Named& known : kKnown) names.emplace_back(known.name);
  return names;
}

std::optional<Architecture> find_architecture(std::string_view name) {
  for (const Named& known : kKnown) {
    if (name == known.name) return known.make();
  }
  return std::nullopt;
}

}  // namespace inoculate
