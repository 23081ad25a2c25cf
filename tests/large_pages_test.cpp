#include "base/large_pages.h"

#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "catch.h"

using namespace inoculate;

TEST_CASE("memory of any size starts on a cache line and is all there") {
  for (const std::size_t size : {1U, 63U, 64U, 1000U, (1U << 20) - 1, 1U << 20, 5U << 20}) {
    std::vector<std::uint8_t, LargePages<std::uint8_t>> bytes(size, 7);
    CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 == 0);
    bytes.back() = 9;
    bytes.resize(2 * size, 1);
    CHECK(bytes[0] == (size == 1 ? 9 : 7));
    CHECK(bytes[size - 1] == 9);
    CHECK(bytes[2 * size - 1] == 1);
  }
}

TEST_CASE("more memory than there can be is refused") {
  LargePages<double> doubles;
  CHECK_THROWS_AS(doubles.allocate(std::numeric_limits<std::size_t>::max() / 8), std::bad_alloc);
}
