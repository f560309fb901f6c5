#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "policy/drop.h"
#include "policy/limits.h"

namespace holdfast::policy {
namespace {

// glibc has no wrapper before 2.34 and the system call is all that is needed.
Status closeRange(unsigned first, unsigned last) {
  if (first <= last && ::syscall(SYS_close_range, first, last, 0U) != 0) {
    return systemError("close_range");
  }
  return success();
}

}  // namespace

// Without this the next descriptor that is opened would be what everybody takes for standard
// output.
Status validateDescriptors(Drop&) {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      continue;
    }
    const int opened = ::open("/dev/null", O_RDWR | O_NOCTTY);  // the lowest free one: fd
    if (opened != fd) {
      return systemError("/dev/null");
    }
  }
  return success();
}

Status clearEnvironment(Drop&) {
  if (::clearenv() != 0) {
    return systemError("clearenv");
  }
  ::umask(077);
  return success();
}

Status forbidCores(Drop& drop) {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return systemError("PR_SET_DUMPABLE");
  }
  for (const Limit& limit : limitsOf(drop.request.role)) {
    if (limit.resource == RLIMIT_CORE) {
      return applyLimit(limit);
    }
  }
  return success();
}

Status resetSignals(Drop&) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    ::sigaction(number, &action, nullptr);  // KILL, STOP and glibc's own two: EINVAL
  }
  sigset_t none;
  sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) {
    return systemError("sigprocmask");
  }
  return success();
}

Status closeDescriptors(Drop& drop) {
  std::vector<int> keep = drop.request.keepDescriptors;
  std::sort(keep.begin(), keep.end());
  unsigned next = 3;
  for (const int fd : keep) {
    if (fd < 0 || static_cast<unsigned>(fd) < next) {
      continue;  // 0 to 2, or named twice
    }
    const auto kept = static_cast<unsigned>(fd);
    if (const auto closed = closeRange(next, kept - 1); !closed.ok()) {
      return closed;
    }
    next = kept + 1;
  }
  return closeRange(next, ~0U);
}

}  // namespace holdfast::policy
