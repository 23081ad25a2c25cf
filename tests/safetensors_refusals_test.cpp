// Safetensors files that are refused, and what is said of them.
#include <string>
#include <vector>

#include "catch.h"
#include "safetensors_text.h"

using namespace inoculate;
using namespace std::string_literals;

TEST_CASE("safetensors: bad files are refused in words that help", "[data]") {
  const std::string damaged = "; the file is damaged, fetch or write it again";
  const std::string incomplete = "; the file is incomplete, fetch or write it again";
  const std::string unsuitable = "; name a safetensors file of weights";
  const std::string no_sizes = "w.st: tensor 'a': its shape is not a list of sizes" + damaged;
  const std::string no_offsets =
      "w.st: tensor 'a': its data_offsets is not a list of sizes" + damaged;
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
      {"no header", file_of("", ""), "w.st: its header is not a JSON object" + damaged},
      {"header a list", file_of("[]", ""), "w.st: its header is not a JSON object" + damaged},
      {"header behind a blank", file_of(" {}", ""),
       "w.st: its header is not a JSON object" + damaged},
      {"header behind a byte order mark", file_of("\xef\xbb\xbf{}", ""),
       "w.st: its header is not a JSON object" + damaged},
      {"header ended by a NUL", file_of("{}\000junk"s, ""),
       "w.st: its header is not JSON from byte 3 on" + damaged},
      {"bad JSON", file_of("{\"a\":}", ""),
       "w.st: its header is not JSON from byte 6 on" + damaged},
      {"JSON cut", file_of("{\"a\":{", ""),
       "w.st: its header is not JSON from byte 7 on" + damaged},
      {"JSON and more", file_of("{} {}", ""),
       "w.st: its header is not JSON from byte 4 on" + damaged},
      {"JSON with a comment", file_of("{/**/}", ""),
       "w.st: its header is not JSON from byte 2 on" + damaged},
      {"JSON of bad UTF-8", file_of("{\"\xff\":1}", ""),
       "w.st: its header is not JSON from byte 3 on" + damaged},
      {"a number beyond all bounds", file_of("{\"a\":1e999}", ""),
       "w.st: its header holds a number that is too large" + damaged},
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
       "w.st: its __metadata__ is not a JSON object" + damaged},
      {"metadata value a number", file_of("{\"__metadata__\":{\"epochs\":20}}", ""),
       "w.st: its __metadata__ 'epochs' is not a string" + damaged},
      {"metadata value null", file_of("{\"__metadata__\":{\"epochs\":null}}", ""),
       "w.st: its __metadata__ 'epochs' is not a string" + damaged},
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
      {"dtype a number", typed("32"), "w.st: tensor 'a': its dtype is not a string" + damaged},
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
       "w.st: tensor 'a': its data_offsets are not a begin and an end" + damaged},
      {"three offsets", one("[1]", "[0,4,4]"),
       "w.st: tensor 'a': its data_offsets are not a begin and an end" + damaged},
      {"offsets backwards", one("[1]", "[4,0]"),
       "w.st: tensor 'a': its data_offsets are not a begin and an end" + damaged},
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
