// ONNX files: what onnx's own package wrote is read to the last number, and damaged files are
// refused.
#include <algorithm>
#include <random>

#include "base/error.h"
#include "catch.h"
#include "formats/onnx/model.h"
#include "golden_files.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

OnnxModel golden() { return parse_onnx(golden_file("onnx_tensors.onnx"), "onnx_tensors.onnx"); }

std::string refusal(const Bytes& bytes) {
  return refusal_of([&] { parse_onnx(bytes, "a.onnx"); });
}

// Replaces the only `from` in `bytes` by as many others.
Bytes replaced(Bytes bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  const auto at = std::search(bytes.begin(), bytes.end(), from.begin(), from.end());
  REQUIRE(at != bytes.end());
  std::copy(to.begin(), to.end(), at);
  return bytes;
}

}  // namespace

TEST_CASE("onnx: every type of tensor, stored as bytes and in fields") {
  const OnnxModel model = golden();
  CHECK(model.constants.size() == 18);
  for (const auto& [name, tensor] : model.constants) {
    INFO(name);
    CHECK(tensor->dims == Sizes{2, 2});
    REQUIRE(tensor->size() == 4);
    const bool is_float = name.find("FLOAT") != std::string::npos || name[0] == 'D';
    CHECK(tensor->whole == !is_float);
    double expected[] = {-2, 0, 1, 5};
    if (name.starts_with("UINT8")) expected[0] = 2;
    if (name.starts_with("BOOL")) std::copy_n(std::begin({0.0, 0.0, 1.0, 1.0}), 4, expected);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(tensor->at(i) == (is_float ? expected[i] / 2 : expected[i]));
    }
  }
  REQUIRE(model.notes.size() == 1);
  CHECK_THAT(model.notes[0], Catch::StartsWith("2 tensors, of which 'DOUBLE") &&
                                 Catch::EndsWith("are narrowed from double to single precision"));
}

TEST_CASE("onnx: nodes, inputs, outputs, metadata") {
  const OnnxModel model = golden();
  CHECK(model.opset == 17);
  REQUIRE(model.nodes.size() == 1);
  CHECK(model.nodes[0].op == "Flatten");
  CHECK(model.nodes[0].name == "flat");
  CHECK(model.nodes[0].inputs == std::vector<std::string>{"image"});
  REQUIRE(model.nodes[0].attribute("axis") != nullptr);
  CHECK(model.nodes[0].attribute("axis")->integer == 1);
  CHECK(model.nodes[0].attribute("other") == nullptr);
  REQUIRE(model.inputs.size() == 1);
  CHECK(model.inputs[0].dims == Sizes{-1, 3, 8, 8});
  CHECK(model.inputs[0].element_type == 1);
  REQUIRE(model.outputs.size() == 1);
  CHECK(model.outputs[0].name == "logits");
  CHECK(model.metadata.at("classes") == "a, b");
}

TEST_CASE("onnx: what is no model is refused in one line that names the file") {
  const Bytes whole = golden_file("onnx_tensors.onnx");
  for (const Bytes& bytes : {Bytes{}, Bytes(100, 0xff), Bytes{'P', 'K', 3, 4},
                             Bytes(whole.begin(), whole.begin() + 200)}) {
    const std::string line = refusal(bytes);
    CHECK(line.starts_with("a.onnx: "));
    CHECK(line.find('\n') == std::string::npos);
  }
  // The graph as a number, where it must be a message.
  CHECK(refusal({0x38, 0x00}).find("damaged or incomplete") != std::string::npos);
  // A tensor whose name is another's.
  CHECK(refusal(replaced(whole, "INT32/raw", "INT64/raw")).find("twice") != std::string::npos);
}

TEST_CASE("onnx: a damaged file is read or refused, never more") {
  const Bytes whole = golden_file("onnx_tensors.onnx");
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = whole;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    refused += refusal(bytes) == "accepted" ? 0 : 1;
  }
  CHECK(refused > 300);
}
