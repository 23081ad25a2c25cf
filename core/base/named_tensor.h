// A tensor with its name, the form in which weights leave and enter the engine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inoculate {

/// `values` is row-major and holds the product of `shape` many floats.
struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

}  // namespace inoculate
