// Networks for digits that the graph engine trains, by name; written as ONNX.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/graph/graph.h"

namespace inoculate {

/// - cnn7: five convolutions of 64, 64, 128, 128 and 128 filters, the third with stride 2, a dense
///   layer of 512, batch normalisation behind each (Shi et al., "Fast Certified Robust Training
///   with Short Warmup", 2021, appendix B), 13 million parameters.
/// - cnn7_small: the same with 32, 32, 64, 64, 64 filters and a second stride of 2 at the last: 1.7
///   million.
/// - small_cnn: four convolutions of 32, 32, 64, 64 filters with two pools, two dense layers of 200
///   (Zhang et al., "Theoretically Principled Trade-off between Robustness and Accuracy", 2019,
///   section 5.3.1).
std::vector<std::string> graph_architecture_names();

/// The one of that name with its first weights, or none.
std::optional<Graph> graph_architecture(std::string_view name, std::uint64_t seed);

}  // namespace inoculate
