// Signals as events of the loop.
#pragma once

#include <sys/types.h>

#include <functional>

#include "ipc/event_loop.h"
#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

// Blocks every signal that SignalSource serves, and ignores SIGPIPE. An early one waits.
void blockSignals();

struct SignalHandlers {
  std::function<void()> stop;                             // TERM, INT
  std::function<void()> reload;                           // HUP
  std::function<void(int signal)> dump;                   // USR1, USR2, SIGRTMIN+2, SIGRTMAX-1
  std::function<void(pid_t pid, int waitStatus)> reaped;  // CHLD: once for each child that ended
};

class SignalSource {
 public:
  SignalSource(EventLoop& loop, SignalHandlers handlers);
  ~SignalSource();
  SignalSource(const SignalSource&) = delete;
  SignalSource& operator=(const SignalSource&) = delete;

  [[nodiscard]] Status watch();

 private:
  void read();
  void reapAll();

  EventLoop& loop_;
  SignalHandlers handlers_;
  UniqueFd fd_;
};

}  // namespace holdfast::supervisor
