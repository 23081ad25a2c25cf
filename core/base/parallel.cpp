#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/fork.h"

namespace inoculate {
namespace {

// Layers follow one another within microseconds, so a waiting thread looks for work this many times
// before it goes to sleep.
constexpr int kSpins = 20000;

thread_local bool inside_task = false;

// Lets the other hardware thread, and now and then another process, run.
inline void relax(int spin) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
  if (spin % 128 == 127) std::this_thread::yield();
}

// Threads that take tasks where they find some. A round of work is over when all its tasks are
// done, whoever did them: nobody waits for a thread that got no processor.
class Pool {
 public:
  ~Pool() { resize(1); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  void resize(int threads) {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    stopping_ = false;
    for (int i = 1; i < threads; ++i) {
      try {
        workers_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        break;  // no more threads to be had: the ones there are do the work
      }
    }
  }

  void forget() {
    for (std::thread& worker : workers_) worker.detach();
    workers_.clear();
  }

  // Does all tasks, or none and says false: another thread's round is under way.
  bool run(int count, const std::function<void(int)>& task) {
    const std::unique_lock alone(rounds_, std::try_to_lock);
    if (!alone) return false;
    task_ = &task;
    done_ = 0;
    {
      std::lock_guard lock(
          mutex_);  // a worker between its last look and its sleep must not miss it
      round_ = Round{0, count};
    }
    wake_.notify_all();
    while (take_task(true)) {
    }
    for (int spin = 0; done_.load(std::memory_order_acquire) != count; ++spin) relax(spin);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return true;
  }

 private:
  // The tasks [begin, end) of the current round are not yet taken. Aligned as one number, without
  // which clang calls a library to change both ends at once.
  struct alignas(std::int64_t) Round {
    std::int32_t begin;
    std::int32_t end;
  };

  // Takes a task and does it; false when there is none. Both ends change as one, so a task that was
  // taken is one of the round that waits for it, and `task_` is that round's until it is done. The
  // caller takes from the front and workers from the back: from layer to layer a thread tends to
  // meet the part of the batch that is in its cache.
  bool take_task(bool front) {
    Round round = round_.load(std::memory_order_acquire);
    Round rest{};
    do {
      if (round.begin == round.end) return false;
      rest = front ? Round{round.begin + 1, round.end} : Round{round.begin, round.end - 1};
    } while (!round_.compare_exchange_weak(round, rest, std::memory_order_acq_rel,
                                           std::memory_order_acquire));
    inside_task = true;
    try {
      (*task_)(front ? round.begin : rest.end);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    inside_task = false;
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }

  bool has_task() const {
    const Round round = round_.load(std::memory_order_acquire);
    return round.begin != round.end;
  }

  void work() {
    for (int spin = 0; !stopping_; ++spin) {
      if (take_task(false)) {
        spin = 0;
      } else if (spin < kSpins) {
        relax(spin);
      } else {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || has_task(); });
        spin = 0;
      }
    }
  }

  std::vector<std::thread> workers_;
  std::mutex rounds_;  // held by the thread whose round is under way
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<Round> round_{Round{0, 0}};
  const std::function<void(int)>* task_ = nullptr;
  std::atomic<int> done_{0};
  std::exception_ptr failure_;
};

Pool& pool() {
  static Pool instance;
  return instance;
}

}  // namespace

int thread_count() { return pool().size(); }

int free_threads() { return inside_task ? 1 : thread_count(); }

void set_thread_count(int count) {
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  pool().resize(count > 0 ? count : processors);
}

void forget_threads() { pool().forget(); }

void parallel_for(int count, const std::function<void(int)>& task) {
  if (count > 1 && free_threads() > 1 && pool().run(count, task)) return;
  for (int i = 0; i < count; ++i) task(i);
}

}  // namespace inoculate
