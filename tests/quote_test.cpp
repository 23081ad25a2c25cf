// Text from outside in messages.
#include "base/quote.h"

#include "catch.h"

using namespace inoculate;

TEST_CASE("What could turn or hide a line is written out", "[quote]") {
  CHECK(quote("conv1/kernel") == "'conv1/kernel'");
  CHECK(quote("") == "''");
  CHECK(quote("it's a \\") == "'it\\'s a \\\\'");
  CHECK(printable("it's a \\") == "it's a \\");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable(std::string_view("\0\x1b[31m\x7f", 7)) == "\\x00\\x1b[31m\\x7f");
  CHECK(printable("\xc2\x9b"
                  "2J") == "\\u009b2J");  // the one-character form of ESC [
  CHECK(printable("\xe2\x80\xae"
                  "abc") == "\\u202eabc");  // right to left from here
  CHECK(printable("\xe2\x81\xa6\xef\xbb\xbf") == "\\u2066\\ufeff");
  CHECK(printable("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") ==
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST_CASE("Bytes that are no UTF-8 are written as bytes", "[quote]") {
  CHECK(printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(printable("\x9b"
                  "31m") == "\\x9b31m");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xc0\x8a") == "\\xc0\\x8a");           // a line feed in two bytes
  CHECK(printable("\xe0\x80\x8a") == "\\xe0\\x80\\x8a");  // in three
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}

TEST_CASE("Long names are cut, between characters", "[quote]") {
  const std::string long_name(70'000, 'x');
  CHECK(quote(long_name) == "'" + std::string(60, 'x') + "'... (70000 bytes)");
  CHECK(quote(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(quote("ab\xe2\x82\xac", 3) == "'ab'... (5 bytes)");
  CHECK(quote("ab\xe2\x82\xac", 4) == "'ab'... (5 bytes)");
  CHECK(quote("ab\xe2\x82\xac"
              "c",
              5) == "'ab\xe2\x82\xac'... (6 bytes)");
  CHECK(quote("\xf0\x9f\x98\x80z", 3) == "''... (5 bytes)");
}
