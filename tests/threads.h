// A number of threads for the length of a scope.
#pragma once

#include "base/parallel.h"

namespace inoculate {

/// Where threads cannot be had (WASM) there is one all the same, and a comparison of 1 thread with
/// 2 compares two runs of one.
class WithThreads {
 public:
  explicit WithThreads(int count) : before_(thread_count()) { set_thread_count(count); }
  ~WithThreads() { set_thread_count(before_); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_;
};

#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
inline constexpr bool kThreadsCanBeHad = false;
#else
inline constexpr bool kThreadsCanBeHad = true;
#endif

}  // namespace inoculate
