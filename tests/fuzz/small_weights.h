// The smallest network for digits that the page can use, for targets of its messages.
#pragma once

#include "train/model_file.h"

namespace inoculate::fuzz {

inline Network small_network() {
  Network network(logistic_regression());
  Rng rng(1);
  network.initialize(rng);
  return network;
}

inline const Bytes& small_weights() {
  static const Bytes file = write_safetensors(model_file(small_network(), {}));
  return file;
}

}  // namespace inoculate::fuzz
