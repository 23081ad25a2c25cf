// Ctrl-C, and a batch system's wish to end, as a question that work asks between two steps.
#pragma once

namespace inoculate {

/// While one of these lives, SIGINT, SIGTERM, SIGHUP and SIGUSR1 only make interrupted() true, and
/// a reader of our output that goes away (SIGPIPE) is only a failed write. A second SIGINT or
/// SIGTERM ends the process as usual. A signal that was ignored before, as SIGHUP is under nohup,
/// stays ignored. What signals did before comes back when the outermost guard goes; guards within
/// another change nothing.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool interrupted();
};

}  // namespace inoculate
