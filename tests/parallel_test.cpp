#include "base/parallel.h"

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "threads.h"

using namespace inoculate;

TEST_CASE("the number of threads is what was asked for") {
  const WithThreads before(1);
  for (const int count : {1, 2, 3, 5, 1}) {
    set_thread_count(count);
    CHECK(thread_count() == (kThreadsCanBeHad ? count : 1));
  }
  set_thread_count(0);
  CHECK(thread_count() >= 1);
}

TEST_CASE("parallel_for calls each index once, whatever the number of threads") {
  for (const int threads : {1, 2, 3, 5}) {
    const WithThreads scope(threads);
    for (const int count : {0, 1, 2, 3, 16, 1000}) {
      CAPTURE(threads, count);
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      parallel_for(count, [&](int i) { ++calls.at(static_cast<std::size_t>(i)); });
      int wrong = 0;
      for (const auto& call : calls) wrong += call != 1;
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("many short rounds follow one another without losing a task") {
  for (const int threads : {2, 5}) {
    const WithThreads scope(threads);
    std::atomic<int> sum = 0;
    constexpr int kRounds = 2000;
    for (int round = 0; round < kRounds; ++round) parallel_for(4, [&](int i) { sum += i; });
    CHECK(sum == kRounds * 6);
  }
}

TEST_CASE("parallel_for may be called while another thread's is under way") {
  if (!kThreadsCanBeHad) return;
  const WithThreads scope(3);
  std::array<std::atomic<int>, 4> mine{};
  std::array<std::atomic<int>, 7> others{};
  parallel_for(4, [&](int i) {
    ++mine.at(static_cast<std::size_t>(i));
    if (i != 0) return;
    std::thread other(
        [&] { parallel_for(7, [&](int k) { ++others.at(static_cast<std::size_t>(k)); }); });
    other.join();
  });
  for (const auto& calls : mine) CHECK(calls == 1);
  for (const auto& calls : others) CHECK(calls == 1);
}

TEST_CASE("threads are made and ended over and over, busy or not") {
  const WithThreads before(1);
  std::atomic<int> calls = 0;
  for (int round = 0; round < 50; ++round) {
    set_thread_count(1 + round % 4);
    if (round % 2 == 0) parallel_for(7, [&](int) { ++calls; });
  }
  CHECK(calls == 25 * 7);
}

TEST_CASE("a parallel_for inside a task runs serially, in order") {
  for (const int threads : {1, 3}) {
    const WithThreads scope(threads);
    std::vector<std::string> orders(5);
    parallel_for(5, [&](int outer) {
      // One string, no lock: only a serial loop fills it in order (and without a data race).
      parallel_for(
          4, [&](int inner) { orders[static_cast<std::size_t>(outer)] += std::to_string(inner); });
    });
    CHECK(orders == std::vector<std::string>(5, "0123"));
  }
}

TEST_CASE("an exception of a task comes out, and the next round works") {
  for (const int threads : {1, 2, 5}) {
    CAPTURE(threads);
    const WithThreads scope(threads);
    for (int round = 0; round < 20; ++round) {
      const auto fail = [&](int i) {
        if (i == round) throw std::runtime_error("task " + std::to_string(i));
      };
      CHECK_THROWS_WITH(parallel_for(20, fail), "task " + std::to_string(round));
    }
    CHECK_THROWS_AS(parallel_for(20, [](int) { throw 7; }), int);
    std::atomic<int> calls = 0;
    parallel_for(20, [&](int) { ++calls; });
    CHECK(calls == 20);
  }
}

TEST_CASE("an exception from inside a nested parallel_for comes out") {
  const WithThreads scope(3);
  CHECK_THROWS_WITH(parallel_for(3,
                                 [](int) {
                                   parallel_for(3, [](int inner) {
                                     if (inner == 2) throw std::runtime_error("inner");
                                   });
                                 }),
                    "inner");
}

TEST_CASE("the parts of a batch cover it without gap or overlap") {
  for (int n = 0; n <= 100; ++n) {
    const int parts = part_count(n);
    CAPTURE(n, parts);
    REQUIRE(parts == (n < 16 ? n : 16));
    if (parts == 0) continue;
    REQUIRE(part_begin(n, parts, 0) == 0);
    REQUIRE(part_begin(n, parts, parts) == n);
    for (int part = 0; part < parts; ++part) {
      REQUIRE(part_begin(n, parts, part) < part_begin(n, parts, part + 1));
    }
  }
  CHECK(part_begin(2'000'000'000, 16, 16) == 2'000'000'000);
}
