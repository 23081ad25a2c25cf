#include "data/npy.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "refusal_of.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

/// A file of version 1.0: `header` as it stands, then `values`.
std::string file_of(const std::string& header, const std::string& values) {
  return "\x93NUMPY\001\000"s + static_cast<char>(header.size() & 0xff) +
         static_cast<char>(header.size() >> 8) + header + values;
}

/// A file as numpy.save of NumPy 2.4.6 writes it: the header padded to make 128 bytes of all.
std::string numpy_file(std::string header, const std::string& values) {
  header.resize(117, ' ');
  return file_of(header + "\n", values);
}

/// A file with this shape and, unless told otherwise, 2x3 floats.
std::string floats_of(const std::string& shape, const std::string& values = std::string(24, 0)) {
  return numpy_file("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", values);
}

NpyArray parse(const std::string& file) { return parse_npy(bytes_of(file), "x.npy"); }

std::string refusal(const std::string& file) {
  return refusal_of([&] { parse(file); });
}

const std::string kHeader =
    "x.npy: its header is not as NumPy writes it; write it again with "
    "numpy.save";

}  // namespace

// The bytes below were written by numpy.save of NumPy 2.4.6.

TEST_CASE("npy: floats of NumPy are read", "[data]") {
  const NpyArray array = parse(
      "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
      "                                                          \n"
      "\000\000\300?\000\000\000\300\000\000\200>\000\000@@\000\000\200@\315\314\314="s);
  CHECK(array.shape == std::vector<std::int64_t>{2, 3});
  CHECK(array.floats() == std::vector<float>{1.5f, -2.0f, 0.25f, 3.0f, 4.0f, 0.1f});
}

TEST_CASE("npy: integers of NumPy are read", "[data]") {
  const auto file = [](const std::string& descr, const std::string& shape,
                       const std::string& values) {
    return parse(numpy_file(
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }", values));
  };
  using Integers = std::vector<std::int64_t>;
  CHECK(file("|u1", "(3,)", "\000\007\377"s).integers() == Integers{0, 7, 255});
  CHECK(file("|i1", "(2,)", "\200\177"s).integers() == Integers{-128, 127});
  const NpyArray column = file("<i4", "(2, 1)", "\000\000\000\200\005\000\000\000"s);
  CHECK(column.integers() == Integers{-2147483648LL, 5});
  CHECK(column.shape == Integers{2, 1});
  CHECK(file("<i8", "(2,)", "\377\377\377\377\377\377\337\377\003\000\000\000\000\000\000\000"s)
            .integers() == Integers{-9007199254740993LL, 3});
}

TEST_CASE("npy: floats of every size and byte order are read", "[data]") {
  // numpy.array([[1.5, -2, 0.25], [3, 4, 0.1]]) of each type.
  struct Case {
    const char* descr;
    std::string values;
    float tenth = 0.1F;
  };
  const std::vector<Case> cases = {
      {"<f2", "\000>\000\300\0004\000B\000Df."s, 0.0999755859375F},
      {">f2", ">\000\300\0004\000B\000D\000.f"s, 0.0999755859375F},
      {">f4", "\077\300\000\000\300\000\000\000>\200\000\000@@\000\000@\200\000\000=\314\314\315"s},
      {"<f8",
       "\000\000\000\000\000\000\370\077\000\000\000\000\000\000\000\300\000\000\000\000\000\000"
       "\320\077"
       "\000\000\000\000\000\000\010@\000\000\000\000\000\000\020@\232\231\231\231\231\231\271\077"s},
      {">f8",
       "\077\370\000\000\000\000\000\000\300\000\000\000\000\000\000\000\077\320\000\000\000\000"
       "\000\000"
       "@\010\000\000\000\000\000\000@\020\000\000\000\000\000\000\077\271\231\231\231\231\231\232"s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.descr);
    const NpyArray array = parse(numpy_file(
        "{'descr': '"s + c.descr + "', 'fortran_order': False, 'shape': (2, 3), }", c.values));
    CHECK(array.shape == std::vector<std::int64_t>{2, 3});
    CHECK(array.floats() == std::vector<float>{1.5F, -2.0F, 0.25F, 3.0F, 4.0F, c.tenth});
  }
}

TEST_CASE("npy: integers of every size and byte order are read", "[data]") {
  struct Case {
    const char* descr;
    std::int64_t first;
    std::string values;
  };
  const std::vector<Case> cases = {
      {"<i2", -2, "\376\377,\001"s},
      {">i2", -2, "\377\376\001,"s},
      {">i4", -2, "\377\377\377\376\000\000\001,"s},
      {">i8", -2, "\377\377\377\377\377\377\377\376\000\000\000\000\000\000\001,"s},
      {"<u2", 5, "\005\000,\001"s},
      {"<u4", 5, "\005\000\000\000,\001\000\000"s},
      {">u4", 5, "\000\000\000\005\000\000\001,"s},
      {"<u8", 5, "\005\000\000\000\000\000\000\000,\001\000\000\000\000\000\000"s},
      {">u8", 5, "\000\000\000\000\000\000\000\005\000\000\000\000\000\000\001,"s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.descr);
    const NpyArray array = parse(numpy_file(
        "{'descr': '"s + c.descr + "', 'fortran_order': False, 'shape': (2,), }", c.values));
    CHECK(array.integers() == std::vector<std::int64_t>{c.first, 300});
  }
}

TEST_CASE("npy: arrays in Fortran order come out row-major", "[data]") {
  const NpyArray plane = parse(numpy_file(
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
      "\000\000\000\000\000\000@@\000\000\200\077\000\000\200@\000\000\000@\000\000\240@"s));
  CHECK(plane.floats() == std::vector<float>{0, 1, 2, 3, 4, 5});
  std::vector<std::int64_t> counted;
  for (std::int64_t i = 0; i < 24; ++i) counted.push_back(i);
  // Extents of 1 change nothing.
  for (const char* shape : {"(2, 3, 4)", "(2, 1, 3, 4)", "(1, 2, 3, 4, 1)"}) {
    CAPTURE(shape);
    const NpyArray array = parse(numpy_file(
        "{'descr': '|u1', 'fortran_order': True, 'shape': "s + shape + ", }",
        "\000\014\004\020\010\024\001\015\005\021\011\025\002\016\006\022\012\026\003\017"
        "\007\023\013\027"s));
    CHECK(array.integers() == counted);
  }
  CHECK(parse(numpy_file("{'descr': '<i8', 'fortran_order': True, 'shape': (0, 3), }", ""))
            .integers()
            .empty());
}

TEST_CASE("npy: headers of versions 2.0 and 3.0 are read", "[data]") {
  for (const char* version : {"\002", "\003"}) {
    const NpyArray array =
        parse("\x93NUMPY"s + version +
              "\000t\000\000\000{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }"
              "                                                        \n"
              "\077\300\000\000\300\000\000\000>\200\000\000@@\000\000@\200\000\000=\314\314\315"s);
    CHECK(array.shape == std::vector<std::int64_t>{2, 3});
    CHECK(array.floats() == std::vector<float>{1.5F, -2.0F, 0.25F, 3.0F, 4.0F, 0.1F});
  }
}

TEST_CASE("npy: arrays without dimensions or without values are read", "[data]") {
  const NpyArray scalar = parse(floats_of("()", "\000\000 @"s));
  CHECK(scalar.shape.empty());
  CHECK(scalar.floats() == std::vector<float>{2.5f});
  const NpyArray empty = parse(floats_of("(0, 3)", ""));
  CHECK(empty.shape == std::vector<std::int64_t>{0, 3});
  CHECK(empty.floats().empty());
}

TEST_CASE("npy: files are written as NumPy writes them", "[data]") {
  const auto header = [](const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
    const Bytes file = write_npy(values, shape);
    return std::string(file.begin(), file.end() - static_cast<std::ptrdiff_t>(4 * values.size()));
  };
  CHECK(header({1, 2, 3}, {3}) ==
        "\x93NUMPY\001\000v\000{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"s +
            std::string(60, ' ') + "\n");
  CHECK(header({1}, {}).find("'shape': (), }") != std::string::npos);
  CHECK(header({1, 2}, {1, 2, 1, 1}).find("'shape': (1, 2, 1, 1), }") != std::string::npos);
  const Bytes file = write_npy(std::vector<float>{1.5f}, {1});
  CHECK(std::vector<std::uint8_t>(file.end() - 4, file.end()) == Bytes{0, 0, 0xc0, 0x3f});
}

TEST_CASE("npy: floats come back as they were written", "[data]") {
  const std::vector<float> values = {0.1f,
                                     -0.0f,
                                     std::numeric_limits<float>::max(),
                                     std::numeric_limits<float>::denorm_min(),
                                     std::numeric_limits<float>::infinity(),
                                     -1.0f / 3.0f};
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{6}, {2, 3}, {3, 1, 2}, {1, 6, 1, 1}}) {
    const Bytes file = write_npy(values, shape);
    CHECK((file.size() - 24) % 64 == 0);
    const NpyArray array = parse_npy(file, "x");
    CHECK(array.shape == shape);
    CHECK(array.floats() == values);
    CHECK(std::signbit(array.floats()[1]));
  }
  CHECK(parse_npy(write_npy({}, {0, 4}), "x").floats().empty());
}

TEST_CASE("npy: floats and integers are not taken for each other", "[data]") {
  const NpyArray floats = parse(floats_of("(2, 3)"));
  CHECK_THROWS_AS(floats.integers(), Error);
  const NpyArray bytes =
      parse(numpy_file("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "\001"));
  CHECK_THROWS_WITH(bytes.floats(),
                    "x.npy: holds integers where floats are wanted; write it as float32");
}

TEST_CASE("npy: the header may be any such Python dictionary", "[data]") {
  CHECK(refusal(file_of("{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}\n",
                        std::string(24, 0))) == "accepted");
  CHECK(refusal(floats_of("( 2 ,3, )")) == "accepted");
}

TEST_CASE("npy: bad files are refused in words that help", "[data]") {
  const std::string good = floats_of("(2, 3)");
  const auto changed = [&](std::size_t place, char byte) {
    std::string file = good;
    file[place] = byte;
    return file;
  };
  const auto typed = [](const std::string& descr) {
    return numpy_file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,), }",
                      std::string(8, 0));
  };
  const auto type = [](const std::string& descr) {
    return "x.npy: its values are of the type '" + descr +
           "', which is not read here; write it as float32, uint8 or int64";
  };
  const std::string uncountable =
      "x.npy: announces more values than can be counted; write it again";
  struct Case {
    std::string name;
    std::string file;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"empty file", "", "x.npy: is not a .npy file; write one with numpy.save"},
      {"a zip archive", "PK\003\004........",
       "x.npy: is a ZIP archive, not a .npy file; unpack it and name the file in it"},
      {"preamble cut", good.substr(0, 9), "x.npy: ends within its header; write it again"},
      {"version 4.0", changed(6, 4),
       "x.npy: is a .npy file of version 4.0, not 1.0 to 3.0; write it again with numpy.save"},
      {"version 0.0", changed(6, 0),
       "x.npy: is a .npy file of version 0.0, not 1.0 to 3.0; write it again with numpy.save"},
      {"version 1.1", changed(7, 1),
       "x.npy: is a .npy file of version 1.1, not 1.0 to 3.0; write it again with numpy.save"},
      {"version 2.0 without its longer header's size", good.substr(0, 6) + "\002\000\001\000"s,
       "x.npy: ends within its header; write it again"},
      {"version 2.0 with a header of 4 GB", good.substr(0, 6) + "\002\000\377\377\377\377{}"s,
       "x.npy: ends within its header; write it again"},
      {"header longer than the file", changed(9, '\177'),
       "x.npy: ends within its header; write it again"},
      {"complex numbers", typed("<c8"), type("<c8")},
      {"truth values", typed("|b1"), type("|b1")},
      {"floats of 16 bytes", typed("<f16"), type("<f16")},
      {"floats without an order", typed("|f4"), type("|f4")},
      {"floats of the machine's order", typed("=f4"), type("=f4")},
      {"no type", typed(""), type("")},
      {"an order alone", typed("<"), type("<")},
      {"integers above 63 bits",
       numpy_file("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }",
                  std::string(7, 0) + "\200"),
       "x.npy: holds integers of 2^63 or more; write it as int64"},
      {"two bytes for one of Fortran order",
       numpy_file("{'descr': '|u1', 'fortran_order': True, 'shape': (1,), }", "ab"),
       "x.npy: has 1 bytes after the 1 values its header announces; write it again"},
      {"a structure",
       numpy_file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", ""),
       kHeader},
      {"no header", file_of("", ""), kHeader},
      {"no dictionary", file_of("[1, 2]\n", ""), kHeader},
      {"no line end", file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", ""),
       kHeader},
      {"no shape", file_of("{'descr': '<f4', 'fortran_order': False, }\n", ""), kHeader},
      {"no descr", file_of("{'fortran_order': False, 'shape': (0,), }\n", ""), kHeader},
      {"a key twice",
       file_of("{'shape': (0,), 'descr': '<f4', 'fortran_order': False, 'shape': (0,), }\n", ""),
       kHeader},
      {"an unknown key",
       file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'x': 1, }\n", ""), kHeader},
      {"text after the dictionary",
       file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), } x\n", ""), kHeader},
      {"open string", file_of("{'descr: \n", ""), kHeader},
      {"no comma between entries",
       file_of("{'descr': '<f4' 'fortran_order': False, 'shape': (0,), }\n", ""), kHeader},
      {"order no truth value",
       file_of("{'descr': '<f4', 'fortran_order': 0, 'shape': (0,), }\n", ""), kHeader},
      {"shape a number", floats_of("(6)"), kHeader},
      {"shape a list", floats_of("[6]"), kHeader},
      {"shape of commas", floats_of("(,)"), kHeader},
      {"shape without comma", floats_of("(2 3)"), kHeader},
      {"shape with a fraction", floats_of("(6.0,)"), kHeader},
      {"negative shape", floats_of("(-6,)"), kHeader},
      {"twice negative shape", floats_of("(-2, -3)"), kHeader},
      {"an extent beyond 64 bits", floats_of("(9223372036854775808,)"), kHeader},
      {"a product beyond 64 bits", floats_of("(4294967296, 4294967296)"), uncountable},
      {"a product beyond 64 bits behind a 0", floats_of("(0, 4294967296, 4294967296)", ""),
       uncountable},
      {"a product that wraps to 6", floats_of("(3, 2, 9223372036854775807, 3)"), uncountable},
      {"the largest product", floats_of("(9223372036854775807,)"),
       "x.npy: holds 6 of the 9223372036854775807 values its header announces; write it again"},
      {"last byte missing", good.substr(0, good.size() - 1),
       "x.npy: holds 5 of the 6 values its header announces; write it again"},
      {"one byte more", good + "x",
       "x.npy: has 1 bytes after the 6 values its header announces; write it again"},
      {"one value more", good + "xxxx",
       "x.npy: has 4 bytes after the 6 values its header announces; write it again"},
  };
  REQUIRE(refusal(good) == "accepted");
  for (const Case& bad : cases) {
    INFO(bad.name);
    CHECK(refusal(bad.file) == bad.message);
  }
}
