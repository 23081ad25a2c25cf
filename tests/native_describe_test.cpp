// inoculate describe: sizes are PyTorch's, and a network is held to logits from elsewhere.
#include "catch.h"
#include "golden_files.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

std::string onnx_file(const std::string& network) {
  return in_source("/tests/golden/onnx/") + network + ".onnx";
}

std::vector<float> tensor_of(const std::string& network, const std::string& name) {
  for (const NamedTensor& tensor : golden_safetensors("onnx/" + network + ".safetensors").tensors) {
    if (tensor.name == name) return tensor.values;
  }
  throw std::runtime_error("no " + name);
}

// Two images of 24 x 24 x 3 as [N, C, H, W].
std::vector<float> channels_first(const std::vector<float>& images) {
  std::vector<float> turned;
  for (std::size_t image = 0; image < 2; ++image) {
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t i = 0; i < 24 * 24; ++i) {
        turned.push_back(images[(image * 24 * 24 + i) * 3 + c]);
      }
    }
  }
  return turned;
}

}  // namespace

TEST_CASE("describe: parameters and multiply-adds as PyTorch counts them") {
  struct Expected {
    std::string network;
    int parameters, multiply_adds;
  };
  for (const auto& [network, parameters, multiply_adds] : {Expected{"resnet", 8907, 379288},
                                                           {"mobilenet_v3", 7787, 411870},
                                                           {"squeezenet", 2363, 76800}}) {
    INFO(network);
    const Json json = json_of({"describe", "--model", onnx_file(network)});
    CHECK(json.at("parameters") == parameters);
    CHECK(json.at("multiply_adds") == multiply_adds);
    CHECK(json.at("input") == Json{24, 24, 3});
    CHECK(json.at("classes") == 7);
    CHECK(json.at("checked") == false);
  }
}

TEST_CASE("describe: a network of ours") {
  const Json json = json_of({"describe", golden_model()});
  CHECK(json.at("parameters") == 422090);  // Keras's count_params() of what is trained
  CHECK(json.at("layers").at(0).at("gives") == Json{14, 14, 32});
  const CommandResult text = run_well({"describe", golden_model()});
  CHECK(contains(text.out, "parameters     422090"));
}

TEST_CASE("describe: a network is held to logits from elsewhere") {
  const TemporaryFolder folder;
  const std::string images = folder / "images.npy";
  const std::string turned = folder / "turned.npy";
  const std::string logits = folder / "logits.npy";
  const std::vector<float> pixels = tensor_of("resnet", "images");
  write_whole_file(images, write_npy(pixels, {2, 24, 24, 3}));
  write_whole_file(turned, write_npy(channels_first(pixels), {2, 3, 24, 24}));
  std::vector<float> expected = tensor_of("resnet", "logits");
  write_whole_file(logits, write_npy(expected, {2, 7}));
  for (const std::string& file : {images, turned}) {
    const Json json = json_of({"describe", "--model", onnx_file("resnet"), "--check-images", file,
                               "--check-logits", logits});
    CHECK(json.at("checked") == true);
    CHECK(json.at("largest_difference").get<double>() < 1e-4);
  }
  expected[3] += 0.1F;
  write_whole_file(logits, write_npy(expected, {2, 7}));
  check_refused(folder,
                {"describe", "--model", onnx_file("resnet"), "--check-images", images,
                 "--check-logits", logits},
                1, {"resnet.onnx", "differ by up to 0.1", "logits.npy"});
  check_refused(folder,
                {"describe", "--model", onnx_file("resnet"), "--check-images", logits,
                 "--check-logits", logits},
                1, {"logits.npy", "1728 float32"});
  check_refused(folder, {"describe", "--model", onnx_file("resnet"), "--check-images", images}, 2,
                {"--check-logits"});
}

TEST_CASE("describe: an ONNX file is known by its content") {
  const TemporaryFolder folder;
  write_whole_file(folder / "net", golden_file("onnx/resnet.onnx"));
  CHECK(json_of({"describe", folder / "net"}).at("parameters") == 8907);
}

TEST_CASE("describe: what is no network is refused in one line") {
  const TemporaryFolder folder;
  write_whole_file(folder / "a.onnx", bytes_of("this is no network"));
  check_refused(folder, {"describe", "--model", "a.onnx"}, 1, {"a.onnx", "no ONNX model"});
  check_refused(folder, {"describe", "--model", "none.onnx"}, 1, {"none.onnx"});
  write_whole_file(folder / "b.safetensors", bytes_of("nor this"));
  check_refused(folder, {"describe", "b.safetensors"}, 1, {"b.safetensors"});
}
