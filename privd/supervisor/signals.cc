#include "privd/supervisor/signals.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace holdfast::supervisor {
namespace {

sigset_t servedSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal :
       {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD, SIGRTMIN + 2, SIGRTMAX - 1}) {
    ::sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

void blockSignals() {
  const sigset_t set = servedSignals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

SignalSource::SignalSource(EventLoop& loop, SignalHandlers handlers)
    : loop_(loop), handlers_(std::move(handlers)) {}

SignalSource::~SignalSource() {
  if (fd_) {
    loop_.removeReader(fd_.get());
  }
}

Status SignalSource::watch() {
  const sigset_t set = servedSignals();
  fd_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) {
    return systemError("signalfd");
  }
  return loop_.addReader(fd_.get(), Turn::kBroker, [this] { read(); });
}

void SignalSource::read() {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    switch (info.ssi_signo) {
      case SIGTERM:
      case SIGINT:
        handlers_.stop();
        break;
      case SIGHUP:
        handlers_.reload();
        break;
      case SIGCHLD:
        reapAll();
        break;
      default:
        handlers_.dump(static_cast<int>(info.ssi_signo));
        break;
    }
  }
}

// Several deaths can be one SIGCHLD.
void SignalSource::reapAll() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    handlers_.reaped(pid, status);
  }
}

}  // namespace holdfast::supervisor
