#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace inoculate {
namespace {

// Layers follow one another within microseconds, so a waiting thread looks for work this many times
// before it goes to sleep.
constexpr int kSpins = 20000;

thread_local bool inside_task = false;

// Lets the other hardware thread, or on one core the other thread, run.
inline void relax(int spin) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
  if (spin % 1024 == 1023) std::this_thread::yield();
}

class Pool {
 public:
  ~Pool() { resize(1); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  void resize(int threads) {
    stopping_ = true;
    start_round();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    stopping_ = false;
    for (int i = 1; i < threads; ++i) {
      try {
        workers_.emplace_back([this, seen = round_.load()] { work(seen); });
      } catch (const std::system_error&) {
        break;  // no more threads to be had: the ones there are do the work
      }
    }
  }

  void run(int count, const std::function<void(int)>& task) {
    task_ = &task;
    count_ = count;
    next_ = 0;
    busy_ = static_cast<int>(workers_.size());
    start_round();
    take_tasks();
    for (int spin = 0; busy_.load(std::memory_order_acquire) != 0; ++spin) relax(spin);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void start_round() {
    {
      std::lock_guard lock(
          mutex_);  // a worker between its last look and its sleep must not miss it
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
  }

  void take_tasks() {
    inside_task = true;
    for (int i = next_++; i < count_; i = next_++) {
      try {
        (*task_)(i);
      } catch (...) {
        std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
    inside_task = false;
  }

  void work(unsigned seen) {
    for (;;) {
      int spin = 0;
      while (round_.load(std::memory_order_acquire) == seen && spin < kSpins) relax(spin++);
      if (round_.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return round_.load() != seen; });
      }
      ++seen;
      if (stopping_) return;
      take_tasks();
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> round_{0};
  std::atomic<bool> stopping_{false};
  const std::function<void(int)>* task_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  std::atomic<int> busy_{0};
  std::exception_ptr failure_;
};

Pool& pool() {
  static Pool instance;
  return instance;
}

}  // namespace

int thread_count() { return pool().size(); }

void set_thread_count(int count) {
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  pool().resize(count > 0 ? count : processors);
}

void parallel_for(int count, const std::function<void(int)>& task) {
  if (count <= 1 || inside_task || thread_count() == 1) {
    for (int i = 0; i < count; ++i) task(i);
  } else {
    pool().run(count, task);
  }
}

}  // namespace inoculate
