#include "data/safetensors.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "safetensors_text.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("safetensors: a file of floats by the reference is read", "[data]") {
  const std::string file =
      "\270\000\000\000\000\000\000\000"
      R"({"__metadata__":{"architecture":"simple_cnn"},)"
      R"("conv/kernel":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
      R"("dense2/bias":{"dtype":"F32","shape":[3],"data_offsets":[16,28]}}       )"
      "\000\000\200?\000\000\000@\000\000@@\000\000\200@\000\000\300?\000\000\000\300\315\314\314="s;
  const Safetensors content = parse(file);
  CHECK(content.metadata == std::map<std::string, std::string>{{"architecture", "simple_cnn"}});
  REQUIRE(content.tensors.size() == 2);
  CHECK(content.tensors[0].name == "conv/kernel");
  CHECK(content.tensors[0].shape == std::vector<std::int64_t>{2, 2});
  CHECK(content.tensors[0].values == std::vector<float>{1.0f, 2.0f, 3.0f, 4.0f});
  CHECK(content.tensors[1].name == "dense2/bias");
  CHECK(content.tensors[1].shape == std::vector<std::int64_t>{3});
  CHECK(content.tensors[1].values == std::vector<float>{1.5f, -2.0f, 0.1f});
  CHECK(write_safetensors(content) == Bytes(file.begin(), file.end()));
}

TEST_CASE("safetensors: a file of halves and a scalar by the reference is read", "[data]") {
  const Safetensors content = parse(
      "p\000\000\000\000\000\000\000"
      R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
      R"("half":{"dtype":"F16","shape":[4],"data_offsets":[4,12]}}  )"
      "\000\000\340@\000<\000\270\377{\001\000"s);
  REQUIRE(content.tensors.size() == 2);
  CHECK(content.tensors[0].name == "s");
  CHECK(content.tensors[0].shape.empty());
  CHECK(content.tensors[0].values == std::vector<float>{7.0f});
  CHECK(content.tensors[1].values == std::vector<float>{1.0f, -0.5f, 65504.0f, 0x1p-24f});
  CHECK(content.metadata.empty());
}

TEST_CASE("safetensors: floats come back bit for bit, in order", "[data]") {
  const Safetensors content{
      {{"z/last by name", {2, 1, 2}, {0.1f, -0.0f, 0x1p-149f, 3.4e38f}},
       {"a \"quoted\" name\n", {}, {-1.0f / 3.0f}},
       {"empty", {3, 0}, {}},
       {"b", {3}, {1.0f, 2.0f, 3.0f}}},
      {{"architecture", "simple_cnn"}, {"seed", "42"}, {"author", "Zo\u00eb"}}};
  const Bytes file = write_safetensors(content);
  CHECK(file[0] % 8 == 0);  // the values begin at a multiple of 8, behind 8 + header bytes
  const Safetensors again = parse_safetensors(file, "w.st");
  CHECK(again.metadata == content.metadata);
  REQUIRE(again.tensors.size() == content.tensors.size());
  for (std::size_t i = 0; i < content.tensors.size(); ++i) {
    CHECK(again.tensors[i].name == content.tensors[i].name);
    CHECK(again.tensors[i].shape == content.tensors[i].shape);
    CHECK(again.tensors[i].values == content.tensors[i].values);
  }
  CHECK(std::signbit(again.tensors[0].values[1]));
  CHECK(write_safetensors(again) == file);
}

TEST_CASE("safetensors: halves come back rounded", "[data]") {
  const Safetensors content{{{"a", {3}, {1.0f, 0.1f, -65504.0f}}, {"b", {1}, {2048.5f}}}, {}};
  const Bytes file = write_safetensors(content, Dtype::F16);
  CHECK(file.size() < write_safetensors(content).size());
  const Safetensors again = parse_safetensors(file, "w.st");
  CHECK(again.tensors[0].values == std::vector<float>{1.0f, 0.0999755859375f, -65504.0f});
  CHECK(again.tensors[1].values == std::vector<float>{2048.0f});
}

TEST_CASE("safetensors: values nobody could load again are not written", "[data]") {
  const auto written = [](float value, Dtype dtype) {
    try {
      write_safetensors({{{"dense1/kernel", {1}, {value}}}, {}}, dtype);
      return "accepted"s;
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  const std::string diverged =
      "tensor 'dense1/kernel': holds a value that is not finite; the training has diverged, "
      "lower its learning rate";
  CHECK(written(NAN, Dtype::F32) == diverged);
  CHECK(written(-kInfinity, Dtype::F16) == diverged);
  CHECK(written(70000.0f, Dtype::F32) == "accepted");
  CHECK(written(70000.0f, Dtype::F16) ==
        "tensor 'dense1/kernel': holds 70000.000000, too large for F16; write it as F32");
  CHECK_THROWS_AS(write_safetensors({{}, {{"note", std::string(100'000'000, 'x')}}}), Error);
}

TEST_CASE("safetensors: metadata that is no UTF-8 can be written and read", "[data]") {
  const Bytes file = write_safetensors({{}, {{"command", "train --out \xff.safetensors"}}});
  CHECK(parse_safetensors(file, "x").metadata.at("command") ==
        "train --out \xef\xbf\xbd.safetensors");
}

TEST_CASE("safetensors: files at the edge of what is allowed are read", "[data]") {
  const auto padded = [](std::size_t size) {
    std::string header = "{}";
    header.resize(size, ' ');
    return file_of(header, "");
  };
  CHECK(refusal(padded(65536)) == "accepted");
  CHECK(refusal(padded(70'000)) == "accepted");
  CHECK(refusal(padded(100'000'001)) ==
        "w.st: announces a header of 100000001 bytes, above the 100000000 allowed; name a "
        "safetensors file of weights");
  // Entries in another order than their values, with an empty tensor between two others.
  const Safetensors content =
      parse(file_of(braced(entry("b", "[1]", "[4,8]") + "," + entry("e", "[0,2]", "[4,4]") + "," +
                           entry("a", "[1]", "[0,4]")),
                    std::string(4, 0) + "\000\000\200?"s));
  REQUIRE(content.tensors.size() == 3);
  CHECK(content.tensors[0].name == "a");
  CHECK(content.tensors[1].name == "e");
  CHECK(content.tensors[2].values == std::vector<float>{1.0f});
}

namespace {

/// A file of one tensor `name` of two values, put together without write_safetensors.
Bytes one_tensor(const std::string& name, const std::string& dtype, const Bytes& values,
                 const std::string& metadata = "") {
  std::string header = "{" + metadata + "\"" + name + "\":{\"dtype\":\"" + dtype +
                       "\",\"shape\":[2],\"data_offsets\":[0," + std::to_string(values.size()) +
                       "]}}";
  Bytes file;
  append_le(file, static_cast<std::uint64_t>(header.size()));
  append_array_le(file, std::span<const char>(header));
  append_array_le(file, std::span<const std::uint8_t>(values));
  return file;
}

}  // namespace

TEST_CASE("F64 is narrowed and BF16 widened, and that is told") {
  Bytes doubles;
  append_le(doubles, 0.1);
  append_le(doubles, -2.5);
  const Safetensors narrowed = parse_safetensors(one_tensor("a", "F64", doubles), "x");
  CHECK(narrowed.tensors.at(0).values == std::vector<float>{0.1F, -2.5F});
  CHECK(narrowed.note == "1 of its tensors are F64, narrowed to F32");
  // 1.5 is 0x3FC0 in bfloat16, and -3.140625 is 0xC049.
  const Safetensors widened =
      parse_safetensors(one_tensor("a", "BF16", {0xC0, 0x3F, 0x49, 0xC0}), "x");
  CHECK(widened.tensors.at(0).values == std::vector<float>{1.5F, -3.140625F});
  CHECK(widened.note == "1 of its tensors are BF16, widened to F32");
  Bytes large;
  append_le(large, 1e39);
  append_le(large, 1.0);
  CHECK_THROWS_WITH(parse_safetensors(one_tensor("a", "F64", large), "x"),
                    Catch::Contains("not finite as a 32-bit float"));
  CHECK_THROWS_AS(parse_safetensors(one_tensor("a", "BF16", {0x80, 0x7F, 0, 0}), "x"), Error);
}

TEST_CASE("A header of 70 kB is legal, and skipped tensors may have any type") {
  const std::string metadata = "\"__metadata__\":{\"log\":\"" + std::string(70'000, 'x') + "\"},";
  Bytes floats;
  append_le(floats, 1.0F);
  append_le(floats, 2.0F);
  const Safetensors file = parse_safetensors(one_tensor("a", "F32", floats, metadata), "x");
  CHECK(file.metadata.at("log").size() == 70'000);
  CHECK(parse_safetensors(write_safetensors(file), "x").metadata == file.metadata);
  const Bytes integers = one_tensor("bn.num_batches_tracked", "I64", Bytes(16, 1));
  CHECK_THROWS_AS(parse_safetensors(integers, "x"), Error);
  const auto skip = [](const std::string& name) { return name.ends_with("num_batches_tracked"); };
  CHECK(parse_safetensors(integers, "x", skip).tensors.empty());
}
