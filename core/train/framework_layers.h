// The layers that the tensors of a PyTorch state dict, or Keras's variables, belong to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/imported_weights.h"

namespace inoculate {

enum class LayerKind { kConv, kDense, kNorm };

/// A layer of a file, which must outlive it: its tensors by our names for them ("kernel",
/// "moving_mean").
struct FrameworkLayer {
  std::string name;
  std::map<std::string, const NamedTensor*> parts;
  bool used = false;  ///< for who looks for layers to take

  /// Null if there is none.
  const NamedTensor* part(const std::string& role) const;
  LayerKind kind() const;
};

/// The layers of the file called `name` in messages, in the order of their names ("2" before
/// "10"). Throws Error when a tensor belongs to no layer that can be converted.
std::vector<FrameworkLayer> framework_layers(const Safetensors& file, Framework from,
                                             const std::string& name);

}  // namespace inoculate
