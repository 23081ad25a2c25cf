#include "data/safetensors.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "data/float16.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

/// A file with this header and these values.
std::string file_of(const std::string& header, const std::string& values) {
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    length[i] = static_cast<char>((std::uint64_t{header.size()} >> 8 * i) & 255);
  return length + header + values;
}

/// A header entry of floats (4 bytes a value).
std::string entry(const std::string& name, const std::string& shape, const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}

/// A header of these entries.
std::string braced(const std::string& entries) {
  std::string header = "{";
  header += entries;
  header += "}";
  return header;
}

Safetensors parse(const std::string& file) { return parse_safetensors(bytes_of(file), "w.st"); }

std::string refusal(const std::string& file) {
  try {
    parse(file);
    return "accepted";
  } catch (const Error& error) {
    return error.what();
  }
}

/// What IEEE 754 says a half is worth: (-1)^sign * 2^(exponent - 15) * 1.mantissa, and without the
/// leading 1 at the lowest exponent.
double half_value(int half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const double magnitude = exponent == 31  ? (mantissa == 0 ? INFINITY : NAN)
                           : exponent == 0 ? std::ldexp(mantissa, -24)
                                           : std::ldexp(1024 + mantissa, exponent - 25);
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace

TEST_CASE("halves become the floats they stand for, and come back", "[data]") {
  for (int half = 0; half < 65536; ++half) {
    INFO(half);
    const auto bits = static_cast<std::uint16_t>(half);
    const double wanted = half_value(half);
    const float value = half_to_float(bits);
    if (std::isnan(wanted)) {
      REQUIRE(std::isnan(value));
      REQUIRE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      REQUIRE(static_cast<double>(value) == wanted);
      REQUIRE(std::signbit(value) == ((half & 0x8000) != 0));
      REQUIRE(float_to_half(value) == bits);
    }
  }
}

TEST_CASE("floats become the nearest half, ties the even one", "[data]") {
  // Every two neighbours, and 2^16 in the place of infinity, as IEEE 754 rounds.
  for (int low = 0; low < 0x7c00; ++low) {
    INFO(low);
    const double above = low + 1 == 0x7c00 ? 65536.0 : half_value(low + 1);
    const auto middle = static_cast<float>((half_value(low) + above) / 2);
    const int even = low % 2 == 0 ? low : low + 1;
    REQUIRE(float_to_half(middle) == even);
    REQUIRE(float_to_half(std::nextafter(middle, 0.0f)) == low);
    REQUIRE(float_to_half(std::nextafter(middle, kInfinity)) == low + 1);
    REQUIRE(float_to_half(-middle) == (even | 0x8000));
  }
  CHECK(float_to_half(65519.99f) == 0x7bff);
  CHECK(float_to_half(65520.0f) == 0x7c00);
  CHECK(float_to_half(std::numeric_limits<float>::max()) == 0x7c00);
  CHECK(float_to_half(-kInfinity) == 0xfc00);
  CHECK(float_to_half(std::numeric_limits<float>::denorm_min()) == 0);
  CHECK(float_to_half(-std::numeric_limits<float>::min()) == 0x8000);
}

// The bytes of the next two tests were written by the Python package safetensors 0.8.0.

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
  CHECK(write_safetensors(content) == bytes_of(file));
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

TEST_CASE("safetensors: bad files are refused in words that help", "[data]") {
  const std::string damaged = "; the file is damaged, fetch or write it again";
  const std::string incomplete = "; the file is incomplete, fetch or write it again";
  const std::string unsuitable = "; name a safetensors file of weights";
  const std::string no_sizes = "w.st: tensor 'a': its shape is no list of sizes" + damaged;
  const std::string no_offsets = "w.st: tensor 'a': its data_offsets is no list of sizes" + damaged;
  const std::string no_entry =
      "w.st: tensor 'a': is not described by dtype, shape and data_offsets" + damaged;
  const std::string uncountable =
      "w.st: tensor 'a': its shape holds more values than can be counted" + damaged;
  const std::string four(4, 0), eight(8, 0);

  /// A file of one tensor "a" with 4 bytes of values.
  const auto one = [&](const std::string& shape, const std::string& offsets) {
    return file_of(braced(entry("a", shape, offsets)), four);
  };
  /// A file of tensors "a" and "b", one float each at these places, with 8 bytes of values.
  const auto two = [&](const std::string& a, const std::string& b) {
    return file_of(braced(entry("a", "[1]", a) + "," + entry("b", "[1]", b)), eight);
  };
  const auto typed = [&](const std::string& dtype) {
    return file_of("{\"a\":{\"dtype\":" + dtype + ",\"shape\":[1],\"data_offsets\":[0,4]}}", four);
  };
  const std::string good = one("[1]", "[0,4]");
  REQUIRE(refusal(good) == "accepted");
  REQUIRE(refusal(two("[0,4]", "[4,8]")) == "accepted");

  struct Case {
    std::string name;
    std::string file;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"empty file", "", "w.st: holds 0 bytes, too few for a safetensors file" + unsuitable},
      {"short file", "1234567", "w.st: is text, not a safetensors file" + unsuitable},
      {"another kind of file", "\x89PNG\r\n\x1a\n and more",
       "w.st: is a PNG picture, not a safetensors file" + unsuitable},
      {"header length of all ones", std::string(8, '\377') + "{}",
       "w.st: announces a header of 18446744073709551615 bytes, above the 100000000 allowed" +
           unsuitable},
      {"header longer than the file", "\003\000\000\000\000\000\000\000{}"s,
       "w.st: announces a header of 3 bytes and holds 2 of them" + incomplete},
      {"no header", file_of("", ""), "w.st: its header is no JSON object" + damaged},
      {"header a list", file_of("[]", ""), "w.st: its header is no JSON object" + damaged},
      {"header behind a blank", file_of(" {}", ""), "w.st: its header is no JSON object" + damaged},
      {"header behind a byte order mark", file_of("\xef\xbb\xbf{}", ""),
       "w.st: its header is no JSON object" + damaged},
      {"header ended by a NUL", file_of("{}\000junk"s, ""),
       "w.st: its header is no JSON from byte 3 on" + damaged},
      {"bad JSON", file_of("{\"a\":}", ""), "w.st: its header is no JSON from byte 6 on" + damaged},
      {"JSON cut", file_of("{\"a\":{", ""), "w.st: its header is no JSON from byte 7 on" + damaged},
      {"JSON and more", file_of("{} {}", ""),
       "w.st: its header is no JSON from byte 4 on" + damaged},
      {"JSON with a comment", file_of("{/**/}", ""),
       "w.st: its header is no JSON from byte 2 on" + damaged},
      {"JSON of bad UTF-8", file_of("{\"\xff\":1}", ""),
       "w.st: its header is no JSON from byte 3 on" + damaged},
      {"a number beyond all bounds", file_of("{\"a\":1e999}", ""),
       "w.st: its header holds a number beyond all bounds" + damaged},
      {"a name twice",
       file_of(braced(entry("a", "[1]", "[0,4]") + "," + entry("a", "[1]", "[4,8]")), eight),
       "w.st: its header names 'a' twice" + damaged},
      {"a name twice, once escaped",
       file_of(braced(entry("a", "[1]", "[0,4]") + "," + entry("\\u0061", "[1]", "[4,8]")), eight),
       "w.st: its header names 'a' twice" + damaged},
      {"a field twice",
       file_of("{\"a\":{\"dtype\":\"F16\",\"dtype\":\"F32\",\"shape\":[1],"
               "\"data_offsets\":[0,4]}}",
               four),
       "w.st: its header names 'dtype' twice" + damaged},
      {"metadata twice", file_of("{\"__metadata__\":{},\"__metadata__\":{}}", ""),
       "w.st: its header names '__metadata__' twice" + damaged},
      {"metadata key twice", file_of("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", ""),
       "w.st: its header names 'k' twice" + damaged},
      {"metadata a string", file_of("{\"__metadata__\":\"x\"}", ""),
       "w.st: its __metadata__ is no JSON object" + damaged},
      {"metadata value a number", file_of("{\"__metadata__\":{\"epochs\":20}}", ""),
       "w.st: its __metadata__ 'epochs' is no string" + damaged},
      {"metadata value null", file_of("{\"__metadata__\":{\"epochs\":null}}", ""),
       "w.st: its __metadata__ 'epochs' is no string" + damaged},
      {"nested lists", one("[[[1]]]", "[0,4]"),
       "w.st: its header is nested deeper than 3 levels" + damaged},
      {"60,000 nested lists", file_of("{\"a\":" + std::string(60000, '['), ""),
       "w.st: its header is nested deeper than 3 levels" + damaged},
      {"12,000 nested objects",
       [] {
         std::string header;
         for (int i = 0; i < 12000; ++i) header += "{\"a\":";
         return file_of(header, "");
       }(),
       "w.st: its header is nested deeper than 3 levels" + damaged},
      {"an entry that is a number", file_of("{\"a\":1}", ""), no_entry},
      {"an entry that is null", file_of("{\"a\":null}", ""), no_entry},
      {"an entry that is a list", file_of("{\"a\":[1,2,3]}", ""), no_entry},
      {"an entry without dtype", file_of("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", four),
       no_entry},
      {"an entry without shape",
       file_of("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", four), no_entry},
      {"an entry without offsets", file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", four),
       no_entry},
      {"an entry with one field more",
       file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":0}}", four),
       no_entry},
      {"unknown dtype", typed("\"I32\""),
       "w.st: tensor 'a': its dtype is 'I32', not F32, F16, BF16 or F64" + unsuitable},
      {"dtype a number", typed("32"), "w.st: tensor 'a': its dtype is no string" + damaged},
      {"negative shape", one("[-1]", "[0,4]"), no_sizes},
      {"shape with minus nothing", one("[-0]", "[0,0]"), no_sizes},
      {"shape with a fraction", one("[1.0]", "[0,4]"), no_sizes},
      {"shape with a string", one("[\"1\"]", "[0,4]"), no_sizes},
      {"shape with truth", one("[true]", "[0,4]"), no_sizes},
      {"shape a number", one("1", "[0,4]"), no_sizes},
      {"shape an object", one("{}", "[0,4]"), no_sizes},
      {"shape of 2^63", one("[9223372036854775808]", "[0,4]"), no_sizes},
      {"shape of 2^64", one("[18446744073709551616]", "[0,4]"), no_sizes},
      {"a product of 2^64", one("[4294967296,4294967296]", "[0,0]"), uncountable},
      {"a product of 2^64 behind a 0", one("[0,4294967296,4294967296]", "[0,0]"), uncountable},
      {"2^62 values, in bytes 0 in 64 bits", one("[4611686018427387904]", "[0,0]"),
       "w.st: tensor 'a': its shape holds 4611686018427387904 values of 4 bytes, its "
       "data_offsets 0 bytes" +
           damaged},
      {"offsets a number", one("[1]", "4"), no_offsets},
      {"offsets negative", one("[1]", "[-4,0]"), no_offsets},
      {"offsets with a fraction", one("[1]", "[0,4.0]"), no_offsets},
      {"offsets of 2^63", one("[1]", "[9223372036854775808,9223372036854775812]"), no_offsets},
      {"one offset", one("[1]", "[4]"),
       "w.st: tensor 'a': its data_offsets are no begin and end" + damaged},
      {"three offsets", one("[1]", "[0,4,4]"),
       "w.st: tensor 'a': its data_offsets are no begin and end" + damaged},
      {"offsets backwards", one("[1]", "[4,0]"),
       "w.st: tensor 'a': its data_offsets are no begin and end" + damaged},
      {"offsets of another size than the shape", one("[2]", "[0,4]"),
       "w.st: tensor 'a': its shape holds 2 values of 4 bytes, its data_offsets 4 bytes" + damaged},
      {"offsets in the middle of a value", one("[1]", "[0,5]"),
       "w.st: tensor 'a': its shape holds 1 values of 4 bytes, its data_offsets 5 bytes" + damaged},
      {"offsets beyond the file", one("[2]", "[0,8]"),
       "w.st: tensor 'a': ends at byte 8 of the values, of which 4 bytes are there" + incomplete},
      {"offsets far beyond the file", one("[1]", "[9223372036854775803,9223372036854775807]"),
       "w.st: tensor 'a': ends at byte 9223372036854775807 of the values, of which 4 bytes are "
       "there" +
           incomplete},
      {"last byte missing", good.substr(0, good.size() - 1),
       "w.st: tensor 'a': ends at byte 4 of the values, of which 3 bytes are there" + incomplete},
      {"one byte more", good + "x",
       "w.st: has 1 bytes that belong to no tensor at its end" + damaged},
      {"values of no tensor", file_of("{}", four),
       "w.st: has 4 bytes that belong to no tensor at its end" + damaged},
      {"a hole in front", one("[0]", "[4,4]"),
       "w.st: tensor 'a': leaves a hole of 4 bytes before it" + damaged},
      {"a hole between",
       file_of(braced(entry("a", "[1]", "[0,4]") + "," + entry("b", "[1]", "[8,12]")),
               std::string(12, 0)),
       "w.st: tensor 'b': leaves a hole of 4 bytes before it" + damaged},
      {"two tensors in one place", two("[4,8]", "[4,8]"),
       "w.st: tensor 'a': leaves a hole of 4 bytes before it" + damaged},
      {"an overlap", two("[0,4]", "[2,6]"),
       "w.st: tensor 'b': overlaps the tensor before it" + damaged},
      {"a float that is NaN", file_of(braced(entry("a", "[1]", "[0,4]")), "\000\000\300\177"s),
       "w.st: tensor 'a': holds a value that is not finite" + damaged},
      {"a float that is infinite", file_of(braced(entry("a", "[1]", "[0,4]")), "\000\000\200\377"s),
       "w.st: tensor 'a': holds a value that is not finite" + damaged},
      {"a half that is infinite",
       file_of("{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", "\000\174"s),
       "w.st: tensor 'a': holds a value that is not finite" + damaged},
      {"a name that would spoil the message", file_of("{\"a\\nb\\u001b[31m\":1}", ""),
       "w.st: tensor 'a\\nb\\x1b[31m': is not described by dtype, shape and data_offsets" +
           damaged},
      {"a name without end", file_of("{\"" + std::string(5000, 'n') + "\":1}", ""),
       "w.st: tensor '" + std::string(60, 'n') +
           "'... (5000 bytes): is not described by dtype, shape and data_offsets" + damaged},
  };
  for (const Case& bad : cases) {
    INFO(bad.name);
    CHECK(refusal(bad.file) == bad.message);
  }
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
