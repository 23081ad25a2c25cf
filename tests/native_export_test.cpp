// convert --to onnx: networks and linear models for other runtimes; onnx_export_test.cpp says what
// onnxruntime makes of them.
#include "formats/onnx/writer.h"
#include "model/onnx_export.h"
#include "refusals.h"
#include "train/model_file.h"

using namespace inoculate;

TEST_CASE("convert: weights become ONNX and can be described", "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of({"convert", golden_model(), "--out", folder / "a.onnx"});
  CHECK(json.at("largest_relative_difference").get<double>() < 1e-5);
  const Bytes file = read_whole_file(folder / "a.onnx");
  CHECK(json.at("bytes") == file.size());
  const Safetensors weights = golden_safetensors("keras_simple_cnn.safetensors");
  CHECK(file == write_onnx(onnx_model(network_of(weights, "a"), weights.metadata)));

  const Json before = json_of({"describe", golden_model()});
  const Json after = json_of({"describe", folder / "a.onnx"});
  for (const char* key : {"input", "classes", "parameters", "multiply_adds"}) {
    CHECK(after.at(key) == before.at(key));
  }
  CHECK(after.at("layers").at(0).at("name") == "conv1");

  const CommandResult text =
      run_well({"convert", golden_model(), "--to", "onnx", "--out", folder / "b"});
  CHECK(contains(text.out, "b: ONNX, " + std::to_string(file.size()) + " bytes; read back"));
  CHECK(read_whole_file(folder / "b") == file);
}

TEST_CASE("convert: a linear model becomes ONNX and can be described", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "model", golden_file("sklearn/svm.json"));  // known by its content
  const Json json = json_of({"convert", folder / "model", "--out", folder / "svm.onnx"});
  CHECK(json.at("largest_relative_difference").get<double>() < 1e-6);
  const Json described = json_of({"describe", folder / "svm.onnx"});
  CHECK(described.at("parameters") == 7850);
  CHECK(described.at("input") == Json{28, 28, 1});
}

TEST_CASE("convert: names of classes go along, one a line", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "model.json",
                   bytes_of(R"({"kind": "linear", "input": [1, 1, 2], "bias": [0, 0],
                                "classes": ["a cat", "a\ndog"], "weights": [[1, 2], [2, 1]]})"));
  run_well({"convert", folder / "model.json", "--out", folder / "a.onnx"});
  CHECK(parse_onnx(read_whole_file(folder / "a.onnx"), "a.onnx").metadata.at("classes") ==
        "a cat\na\\ndog\n");
}

TEST_CASE("convert: what cannot become ONNX is refused in one line", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "tree.json", golden_file("sklearn/tree.json"));
  write_whole_file(folder / "net.onnx", golden_file("onnx/mlp.onnx"));
  write_whole_file(folder / "bad.json", bytes_of("{}"));
  write_whole_file(folder / "wide.json",
                   bytes_of(R"({"kind": "linear", "input": [1, 3, 2], "classes": 2,
                                "weights": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]],
                                "bias": [0, 0]})"));
  const auto convert = [](const std::string& model) {
    return Arguments{"convert", model, "--out", "new.onnx"};
  };
  check_refused(folder, convert("tree.json"), 1, {"tree.json", "a decision tree", "as ONNX"});
  check_refused(folder, convert("net.onnx"), 1, {"net.onnx", "an ONNX model already"});
  check_refused(folder, convert("bad.json"), 1, {"bad.json", "no 'kind'"});
  check_refused(folder, convert("wide.json"), 1, {"wide.json", "2 channels and 3 columns"});
  check_refused(folder, convert("none.json"), 1, {"none.json"});
  check_refused(folder, with(convert(golden_model()), {"--dtype", "f16"}), 2, {"--dtype"});
  check_refused(folder, with(convert(golden_model()), {"--mantissa-bits", "4"}), 2,
                {"--mantissa-bits"});
  check_refused(folder, with(convert("a"), {"--from", "torch"}), 2, {"--from"});
  for (const std::string name : {"c.json", "c.onnx"}) {
    check_refused(folder, {"convert", golden_model(), "--to", "safetensors", "--out", name}, 2,
                  {name, "read as " + name.substr(1), ".safetensors"});
  }
  check_refused(folder, {"convert", golden_model(), "--to", "onnx", "--out", "c.json"}, 2,
                {"read as .json", ".onnx"});
  check_refused(folder, {"train", "--data", small_data(), "--out", "c.json"}, 2, {"read as .json"});
  check_refused(folder, {"convert", golden_model(), "--to", "keras", "--out", "new"}, 2, {"--to"});
  check_refused(folder, {"convert", "net.onnx", "--to", "onnx", "--out", "net.onnx"}, 2,
                {"--out", "--model"});
}
