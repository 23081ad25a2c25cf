// Ctrl-C as a question that work asks between two steps.
#pragma once

namespace inoculate {

/// While one of these lives, the first SIGINT or SIGTERM only makes interrupted() true; a second
/// one ends the process as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool interrupted();
};

}  // namespace inoculate
