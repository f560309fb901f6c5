#include "privd/supervisor/child.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "ipc/descriptors.h"
#include "ipc/log.h"

namespace holdfast::supervisor {
namespace {

constexpr int kExecFailed = 127;

// As execve wants them.
std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// The supervisor has one thread, so that everything is allowed between fork and exec.
[[noreturn]] void becomeChild(const ChildSpec& spec, int control, int log) {
  const std::vector<char*> arguments = pointersTo(spec.arguments);
  const std::vector<char*> environment = pointersTo(spec.environment);

  // Out of the way of the numbers that they are to have.
  const int movedControl = ::fcntl(control, F_DUPFD, kLogFd + 1);
  const int movedLog = ::fcntl(log, F_DUPFD, kLogFd + 1);
  const int null = ::open("/dev/null", O_RDWR);
  if (movedControl < 0 || movedLog < 0 || null < 0) {
    ::_exit(kExecFailed);
  }
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null, standard);
  }
  if (::dup2(movedControl, kControlFd) < 0 || ::dup2(movedLog, kLogFd) < 0 ||
      ::close_range(kLogFd + 1, ~0U, 0) != 0) {
    ::_exit(kExecFailed);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  Log childsLog(kLogFd);
  for (const Error& error : apply(spec.settings)) {
    childsLog.warning(error.message);
  }
  if (!policy::handOver(spec.sandbox)) {
    ::_exit(kExecFailed);
  }
  ::execve(spec.path.c_str(), arguments.data(), environment.data());
  ::_exit(kExecFailed);
}

}  // namespace

Result<Child> spawn(const ChildSpec& spec) {
  auto control = Channel::createPair();
  auto log = Channel::createPair();
  if (!control || !log) {
    return control ? log.error() : control.error();
  }
  const pid_t pid = ::fork();
  if (pid < 0) {
    return systemError("cannot fork for " + spec.path);
  }
  if (pid == 0) {
    becomeChild(spec, control->second.get(), log->second.get());
  }
  return Child{pid, Channel(std::move(control->first)), Channel(std::move(log->first))};
}

}  // namespace holdfast::supervisor
