#include "scriptd/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace holdfast::scriptd {
namespace {

constexpr std::size_t kStackBytes = std::size_t{64} * 1024;

struct Shared {
  const LaunchPlan* plan = nullptr;
  pid_t parent = 0;
  // Written by the child where it fails.
  const char* step = nullptr;
  int error = 0;
};

bool prepare(const LaunchPlan& plan, Shared& shared) {
  const auto did = [&shared](const char* step, long result) {
    shared.step = step;
    return result >= 0;
  };
  if (!did("setsid", ::setsid()) || !did("prctl", ::prctl(PR_SET_PDEATHSIG, SIGTERM)) ||
      !did("prctl", ::prctl(PR_SET_CHILD_SUBREAPER, 1)) ||
      !did("prctl", ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)) ||
      (plan.noNewPrivileges && !did("prctl", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) ||
      !did("dup2", ::dup2(plan.output, STDOUT_FILENO)) ||
      !did("dup2", ::dup2(plan.output, STDERR_FILENO)) ||
      !did("close_range", ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC))) {
    return false;
  }
  ::umask(077);
  sigset_t none;
  ::sigemptyset(&none);
  return did("sigprocmask", ::sigprocmask(SIG_SETMASK, &none, nullptr));
}

// The child's side: in the parent's memory, on a stack of its own, with every signal blocked.
int child(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  const LaunchPlan& plan = *shared.plan;
  if (prepare(plan, shared) && ::getppid() == shared.parent) {
    if (plan.file >= 0) {
      shared.step = "execveat";
      ::syscall(SYS_execveat, plan.file, "", plan.arguments, plan.environment, AT_EMPTY_PATH);
    } else {
      shared.step = "execve";
      ::execve(plan.path, plan.arguments, plan.environment);
    }
  }
  shared.error = errno;
  ::_exit(127);
}

}  // namespace

Result<pid_t> launch(const LaunchPlan& plan) {
  alignas(16) static std::array<char, kStackBytes> stack;
  Shared shared{&plan, ::getpid(), nullptr, 0};
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  // Returns when the child has become the program, or is gone.
  const pid_t pid =
      ::clone(child, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &shared);
  const int error = pid < 0 ? errno : shared.error;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0 || error != 0) {
    if (pid > 0) {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    errno = error;
    return systemError(pid < 0 ? "clone" : shared.step);
  }
  return pid;
}

}  // namespace holdfast::scriptd
