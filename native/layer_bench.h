// Times of single layers on real activations, and the rate nothing can exceed.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "nn/network.h"

namespace inoculate {

/// Shortest times of one layer for a batch of 64 in training. FLOPs are of its definition, two for
/// each multiply-add, 0 where there are no products.
struct LayerTime {
  std::string name;
  double forward_seconds = 0;
  double forward_flops = 0;
  double backward_seconds = 0;
  double backward_flops = 0;
};

/// Each layer of `network` on what the first images of `dataset` become before it; the convolutions
/// that training does together are one.
std::vector<LayerTime> time_layers(Network& network, const Dataset& dataset);

/// GFLOP/s of the product kernel on operands that lie in the first-level cache, on all threads.
double product_peak_gflops();

}  // namespace inoculate
