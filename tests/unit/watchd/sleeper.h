#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "ipc/event_loop.h"
#include "watchd/proc.h"

namespace holdfast::watchd {

// A process with a name of its own that lives as long as this.
class Sleeper {
 public:
  Sleeper(const std::string& program, const std::string& parameter) : pid_(::fork()) {
    if (pid_ == 0) {
      ::execl(program.c_str(), program.c_str(), parameter.c_str(), nullptr);
      ::_exit(127);
    }
    const std::string expected = std::filesystem::path(program).filename();
    const TimePoint deadline = EventLoop::now() + std::chrono::seconds(10);
    while (nameOfProcess(pid_) != expected && EventLoop::now() < deadline) {
    }
  }
  ~Sleeper() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  // Dead, and not yet reaped.
  void becomeZombie() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  pid_t pid_;
};

}  // namespace holdfast::watchd
