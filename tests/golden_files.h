// The golden files of tests/golden (its README.md describes them) and the sample of MNIST.
#pragma once

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "data/bytes.h"
#include "data/npy.h"
#include "data/safetensors.h"
#include "paths.h"

namespace inoculate {

inline Bytes read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read; ./run test makes what is missing");
  return Bytes(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

inline Bytes golden_file(const std::string& name) {
  return read_whole_file(in_source("/tests/golden/") + name);
}

inline nlohmann::json golden_json(const std::string& name) {
  return nlohmann::json::parse(golden_file(name));
}

inline Safetensors golden_safetensors(const std::string& name) {
  return parse_safetensors(golden_file(name), name);
}

inline NpyArray golden_npy(const std::string& name) { return parse_npy(golden_file(name), name); }

}  // namespace inoculate
