#include "data/base64.h"

#include "base/error.h"
#include "catch.h"

using namespace inoculate;

TEST_CASE("base64 and base64url agree with RFC 4648's test vectors") {
  struct Vector {
    std::string plain, text, url_text;
  };
  const Vector vectors[] = {
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xFB\xFF", "+/8=", "-_8"},
      {"\xFB\xFF\xFE", "+//+", "-__-"},
  };
  for (const auto& [plain, text, url_text] : vectors) {
    const Bytes bytes(plain.begin(), plain.end());
    CHECK(to_base64(bytes) == text);
    CHECK(to_base64url(bytes) == url_text);
    CHECK(from_base64url(url_text) == bytes);
  }
  CHECK_THROWS_AS(from_base64url("Zg=="), Error);
  CHECK_THROWS_AS(from_base64url("A"), Error);
}
