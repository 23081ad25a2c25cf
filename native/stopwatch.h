// Times of repeated work, for the benchmarks.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace inoculate {

/// How long each of some repetitions took, the shortest first.
template <class F>
std::vector<double> sorted_seconds(int repetitions, F&& work) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    const auto begin = Clock::now();
    work();
    times.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return times;
}

template <class F>
double median_seconds(int repetitions, F&& work) {
  return sorted_seconds(repetitions, work)[static_cast<std::size_t>(repetitions / 2)];
}

/// The most memory that the process has used so far.
inline double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace inoculate
