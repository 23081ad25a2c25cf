// The only thread code of the engine.
#pragma once

#include <functional>

namespace inoculate {

/// How many threads `parallel_for` may use, the caller's included. At least 1.
int thread_count();

/// How many a `parallel_for` from here would use: 1 inside a task. For choices of speed alone.
int free_threads();

/// Sets thread_count; 0 means one a processor. Where threads cannot be had (WASM without them), it
/// stays at 1. Not to be called while a `parallel_for` runs.
void set_thread_count(int count);

/// Calls `task(i)` for every i in [0, count), in any order, on several threads, and returns when
/// all have ended. What a task writes must not overlap what another writes; then the results do not
/// depend on the number of threads. A call from inside a task runs serially, and so does one while
/// another thread's is under way. The first exception of a task is rethrown here.
///
///   for (int i = 0; i < count; ++i) task(i);        // the serial loop
///   parallel_for(count, task);                      // the parallel one
void parallel_for(int count, const std::function<void(int)>& task);

/// In how many parts a batch of `n` is split: fixed by `n` alone, never by the number of threads.
inline int part_count(int n) { return n < 16 ? n : 16; }

/// First item of part `part` out of `parts` over `n` items; part `parts` gives `n`.
inline int part_begin(int n, int parts, int part) {
  return static_cast<int>(static_cast<long long>(n) * part / parts);
}

}  // namespace inoculate
