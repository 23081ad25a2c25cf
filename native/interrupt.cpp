#include "native/interrupt.h"

#include <array>
#include <csignal>
#include <cstddef>

namespace inoculate {
namespace {

// A terminal that closes sends SIGHUP twice, from the shell and from the kernel, and a batch system
// may repeat its warning: those must not end the process while it saves. A user who presses Ctrl-C
// again, or a second SIGTERM, means it.
struct Caught {
  int signal;
  bool ends_second_time;
};
constexpr std::array kCaught{Caught{SIGINT, true}, Caught{SIGTERM, true}, Caught{SIGHUP, false},
                             Caught{SIGUSR1, false}};

volatile std::sig_atomic_t signalled = 0;
int guards = 0;
std::array<struct sigaction, kCaught.size()> before{};
struct sigaction pipe_before {};

void on_signal(int) { signalled = 1; }

bool is_ignored(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  if (guards++ > 0) return;
  signalled = 0;
  for (std::size_t i = 0; i < kCaught.size(); ++i) {
    sigaction(kCaught[i].signal, nullptr, &before[i]);
    if (is_ignored(before[i])) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (kCaught[i].ends_second_time) action.sa_flags |= static_cast<int>(SA_RESETHAND);
    sigaction(kCaught[i].signal, &action, nullptr);
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before);
}

InterruptGuard::~InterruptGuard() {
  if (--guards > 0) return;
  for (std::size_t i = 0; i < kCaught.size(); ++i) {
    sigaction(kCaught[i].signal, &before[i], nullptr);
  }
  sigaction(SIGPIPE, &pipe_before, nullptr);
}

bool InterruptGuard::interrupted() { return signalled != 0; }

}  // namespace inoculate
