// What tests of the sub-commands share: running them, and looking at what they say.
#pragma once

#include <algorithm>
#include <sstream>

#include "catch.h"
#include "data/npy.h"
#include "data/safetensors.h"
#include "run_command.h"

namespace inoculate {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Runs a command that must succeed.
inline CommandResult run_well(const Arguments& arguments, const CommandSettings& settings = {}) {
  CommandResult result = run_command(arguments, settings);
  INFO(result.err);
  REQUIRE(result.signal == 0);
  REQUIRE(result.exit_code == 0);
  return result;
}

/// The one JSON object on one line that is all of a run's stdout.
inline Json json_of(const Arguments& arguments) {
  const CommandResult result = run_well(with(arguments, {"--json"}));
  INFO(result.out);
  CHECK(lines_of(result.out).size() == 1);
  CHECK(result.out.ends_with("}\n"));
  return Json::parse(result.out);
}

/// n, loss, accuracy and its interval, which must make sense together.
inline void check_evaluation(const Json& json, int n) {
  INFO(json);
  CHECK(json.at("n") == n);
  CHECK(json.at("loss").get<double>() >= 0);
  const auto accuracy = json.at("accuracy").get<double>();
  const auto interval = json.at("accuracy_interval").get<std::vector<double>>();
  REQUIRE(interval.size() == 2);
  CHECK(0 <= interval[0]);
  CHECK(interval[0] <= accuracy);
  CHECK(accuracy <= interval[1]);
  CHECK(interval[1] <= 1);
}

inline Arguments train(const std::string& out, const Arguments& more) {
  return with({"train", "--data", small_data(), "--train-range", "0:512", "--out", out}, more);
}

inline Arguments golden(const std::string& command) {
  return {command, "--data", small_data(), "--model", golden_model()};
}

inline Arguments fgsm(const Arguments& more) {
  return with({"attack", "fgsm", "--data", small_data(), "--model", golden_model()}, more);
}

/// The values of two files of weights, tensor by tensor, bit by bit.
inline bool same_weights(const std::string& a, const std::string& b) {
  const Safetensors left = parse_safetensors(read_whole_file(a), a);
  const Safetensors right = parse_safetensors(read_whole_file(b), b);
  return std::equal(left.tensors.begin(), left.tensors.end(), right.tensors.begin(),
                    right.tensors.end(), [](const NamedTensor& x, const NamedTensor& y) {
                      return x.name == y.name && x.shape == y.shape && x.values == y.values;
                    });
}

inline NpyArray read_npy(const std::string& path) { return parse_npy(read_whole_file(path), path); }

/// Pixel p of the small test images as the network sees it.
inline float pixel(const Dataset& images, std::size_t p) {
  return static_cast<float>(images.pixels[p] / 255.0);
}

}  // namespace inoculate
