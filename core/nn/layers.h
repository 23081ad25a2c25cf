// The layers of a network with their geometry settled and their parameters placed.
#pragma once

#include <cstddef>
#include <variant>

#include "base/shapes.h"
#include "nn/conv2d.h"
#include "nn/dense.h"

namespace inoculate {

// Offsets count floats from the start of the network's parameters or statistics.

struct ConvLayer {
  Conv2d conv;
  std::size_t kernel = 0;
  std::size_t bias = 0;
};
struct DenseLayer {
  Dense dense;
  std::size_t kernel = 0;
  std::size_t bias = 0;
};
struct BatchNormLayer {
  std::size_t gamma = 0;
  std::size_t beta = 0;
  std::size_t moving_mean = 0;      // in the statistics
  std::size_t moving_variance = 0;  // in the statistics
};
struct ReluLayer {};
struct DropoutLayer {
  float rate = 0;
};

struct Layer {
  std::variant<ConvLayer, DenseLayer, BatchNormLayer, ReluLayer, DropoutLayer> op;
  Shape in;
  Shape out;

  /// Works on its input's memory: nobody needs the input any more.
  bool in_place() const {
    return std::holds_alternative<ReluLayer>(op) || std::holds_alternative<DropoutLayer>(op);
  }
};

}  // namespace inoculate
