#include "data/gzip.h"

#include <string>

#include "base/error.h"
#include "catch.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

/// Unpacks, or says why not.
std::string unpack(const std::string& file, std::size_t limit = 1000) {
  try {
    const Bytes out = gunzip(bytes_of(file), "x.gz", limit);
    return std::string(out.begin(), out.end());
  } catch (const Error& error) {
    return error.what();
  }
}

// printf hello | gzip -n
const std::string kHello =
    "\037\213\010\000\000\000\000\000\000\003\313H\315\311\311\007\000\206\246\0206\005\000"
    "\000\000"s;
// gzip -c world.txt, which stores the name and the time
const std::string kWorld =
    "\037\213\010\0102}\001k\000\003world.txt\000\323Q(\317/\312I\001\000\376o\210n\007\000"
    "\000\000"s;
// head -c 100000 /dev/zero | gzip -n9
const std::string kZeros =
    "\037\213\010\000\000\000\000\000\002\003\355\3011\001\000\000\000\302\240\365Om\015\017\240"s +
    std::string(96, '\0') + "\200W\003}\225\021\324\240\206\001\000"s;

const char* const kEarly =
    "x.gz: the compressed data ends early; the download is incomplete, fetch it again";
const char* const kDamaged = "x.gz: the compressed data is damaged; fetch it again";

}  // namespace

TEST_CASE("gzip files are told by their first two bytes", "[data]") {
  CHECK(is_gzip(bytes_of(kHello)));
  CHECK_FALSE(is_gzip(bytes_of("")));
  CHECK_FALSE(is_gzip(bytes_of("\037")));
  CHECK_FALSE(is_gzip(bytes_of("PK\003\004")));
}

TEST_CASE("gunzip unpacks what gzip packed", "[data]") {
  CHECK(unpack(kHello) == "hello");
  CHECK(unpack(kWorld) == ", world");
  CHECK(unpack(kHello + kWorld + kHello) == "hello, worldhello");
}

TEST_CASE("gunzip stops at its limit", "[data]") {
  CHECK(unpack(kHello, 5) == "hello");
  CHECK(unpack(kHello, 4) == "x.gz: unpacks to more than the 4 bytes allowed; name another file");
  CHECK(unpack(kHello + kWorld, 11) ==
        "x.gz: unpacks to more than the 11 bytes allowed; name another file");
  CHECK((unpack(kZeros, 100000) == std::string(100000, '\0')));
  CHECK(unpack(kZeros, 99999) ==
        "x.gz: unpacks to more than the 99999 bytes allowed; name another file");
}

TEST_CASE("gunzip refuses files that are not whole", "[data]") {
  CHECK(unpack("hello") == "x.gz: is text, not compressed by gzip; name a .gz file");
  CHECK(unpack("") == "x.gz: is not compressed by gzip; name a .gz file");
  for (std::size_t size = 2; size < kHello.size(); ++size) {
    CHECK(unpack(kHello.substr(0, size)) == kEarly);
    CHECK(unpack(kWorld + kHello.substr(0, size)) == kEarly);
  }
  CHECK(unpack(kHello + "\037") ==
        "x.gz: has 1 bytes after the end of the compressed data; fetch it again");
  CHECK(unpack(kHello + "garbage") ==
        "x.gz: has 7 bytes after the end of the compressed data; fetch it again");
}

TEST_CASE("gunzip notices changed bytes", "[data]") {
  for (const std::size_t place : {2u, 12u, 18u, 21u}) {  // method, data, check sum, length
    std::string file = kHello;
    file[place] = static_cast<char>(file[place] ^ 0x10);
    CHECK(unpack(file) == kDamaged);
  }
}
