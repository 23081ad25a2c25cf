#include "base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "catch.h"

using namespace inoculate;

namespace {

std::vector<std::uint64_t> words(Rng rng, int count) {
  std::vector<std::uint64_t> result;
  for (int i = 0; i < count; ++i) result.push_back(rng.next());
  return result;
}

using Words = std::vector<std::uint64_t>;

}  // namespace

// The expected words of this file come from the algorithms as published (xoshiro256** and
// SplitMix64, prng.di.unimi.it), run in Python's whole numbers.

TEST_CASE("a seed becomes a state by SplitMix64") {
  CHECK(Rng(1234567).state() ==
        Rng::State{0x599ed017fb08fc85, 0x2c73f08458540fa5, 0x883ebce5a3f27c77, 0x3fbef740e9177b3f});
}

TEST_CASE("numbers are those of xoshiro256**") {
  Rng rng(0);
  rng.set_state({1, 2, 3, 4});
  CHECK(words(rng, 10) == Words{11520, 0, 1509978240, 1215971899390074240, 1216172134540287360,
                                607988272756665600, 16172922978634559625U, 8476171486693032832,
                                10595114339597558777U, 2904607092377533576});
}

TEST_CASE("seeds and streams give the numbers they should") {
  struct {
    std::uint64_t seed, stream;
    Words first;
  } const cases[] = {
      {1, 0, {0xb3f2af6d0fc710c5, 0x853b559647364cea, 0x92f89756082a4514, 0x642e1c7bc266a3a7}},
      {1, 1, {0x309714ec38d33b4c, 0x1bc11473d28024a0, 0xaa4f7bbef2a5a194, 0xe418b571ccc48341}},
      {1, 2, {0x5f147c977b052899, 0x3beb7d2db94e1f5d, 0x2263ee6c6d422ac7, 0x27bc9820b49bdb7b}},
      {~0ULL, 7, {0xacbcf3c47e82887d, 0xc9182a4741f2acc0, 0xe9289664a658741d, 0x7b3aa1f1e8d653ea}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.seed, c.stream);
    CHECK(words(Rng(c.seed, c.stream), 4) == c.first);
  }
}

TEST_CASE("streams of a seed and seeds of a stream are all different") {
  std::map<std::uint64_t, int> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) ++seen[Rng(seed, stream).next()];
  }
  CHECK(seen.size() == 400);
}

TEST_CASE("uniform numbers lie in [0, 1) and spread evenly") {
  Rng rng(3);
  constexpr int kDraws = 20000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.uniform();
    REQUIRE((x >= 0 && x < 1));
    REQUIRE(x * 0x1p53 == std::floor(x * 0x1p53));
    sum += x;
    squares += x * x;
  }
  // Mean 1/2 and mean square 1/3, within 5 standard errors.
  CHECK(std::abs(sum / kDraws - 1.0 / 2) < 5 * std::sqrt(1.0 / 12 / kDraws));
  CHECK(std::abs(squares / kDraws - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / kDraws));
}

TEST_CASE("numbers below a bound are in range and equally likely") {
  Rng rng(4);
  for (const std::uint32_t bound : {1U, 2U, 3U, 10U, 17U}) {
    CAPTURE(bound);
    constexpr int kDraws = 20000;
    std::vector<int> counts(bound);
    for (int i = 0; i < kDraws; ++i) {
      const std::uint32_t x = rng.below(bound);
      REQUIRE(x < bound);
      ++counts[x];
    }
    const double expected = static_cast<double>(kDraws) / bound;
    for (const int count : counts) CHECK(std::abs(count - expected) < 5 * std::sqrt(expected));
  }
}

TEST_CASE("numbers below a large bound have no bias") {
  // Three quarters of 2^32: were no draws rejected, multiples of 3 would come twice as often as
  // the others, half of the time.
  Rng rng(5);
  constexpr int kDraws = 20000;
  int multiples = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint32_t x = rng.below(3U << 30);
    REQUIRE(x < 3U << 30);
    multiples += x % 3 == 0;
  }
  CHECK(std::abs(multiples / static_cast<double>(kDraws) - 1.0 / 3) < 0.02);
}

TEST_CASE("a shuffle keeps every item and reaches every order equally often") {
  for (const int size : {0, 1, 2, 1000}) {
    std::vector<std::int32_t> items(static_cast<std::size_t>(size));
    std::iota(items.begin(), items.end(), 0);
    const auto sorted = items;
    Rng(6).shuffle(items);
    CHECK((size < 1000 || items != sorted));
    std::sort(items.begin(), items.end());
    CHECK(items == sorted);
  }
  Rng rng(7);
  std::map<std::vector<std::int32_t>, int> orders;
  constexpr int kDraws = 12000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<std::int32_t> items{0, 1, 2, 3};
    rng.shuffle(items);
    ++orders[items];
  }
  CHECK(orders.size() == 24);
  const double expected = kDraws / 24.0;
  for (const auto& [order, count] : orders) {
    CHECK(std::abs(count - expected) < 5 * std::sqrt(expected));
  }
}

TEST_CASE("a generator goes on from a state that was taken") {
  Rng rng(8, 9);
  rng.next();
  Rng other(1);
  other.set_state(rng.state());
  CHECK(words(other, 5) == words(rng, 5));
}
