#include "privd/supervisor/process_start.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "policy/role.h"

namespace holdfast::supervisor {

void ensureStandardDescriptors() {
  int fd = -1;
  do {
    fd = ::open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) {
    ::close(fd);
  }
}

void closeInheritedDescriptors() {
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

void setProcessName(const std::string& name) {
  ::prctl(PR_SET_NAME,
          name.empty() ? policy::executableOf(policy::Role::kSupervisor).data() : name.c_str());
}

Status detach() {
  const pid_t pid = ::fork();
  if (pid < 0) {
    return systemError("fork");
  }
  if (pid > 0) {
    ::_exit(0);
  }
  if (::setsid() < 0 || ::chdir("/") != 0) {
    return systemError("cannot detach from the terminal");
  }
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) {
    return systemError("/dev/null");
  }
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null, standard);
  }
  ::close(null);
  return success();
}

}  // namespace holdfast::supervisor
