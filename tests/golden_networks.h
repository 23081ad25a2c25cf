// The networks of tests/golden/onnx, for tests that go over all of them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "paths.h"

namespace inoculate {

/// Their names, without ".onnx", in order.
inline std::vector<std::string> golden_networks() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(in_source("/tests/golden/onnx"))) {
    if (entry.path().extension() == ".onnx") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace inoculate
