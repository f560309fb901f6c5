#include "privd/supervisor/script_check_child.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "privd/supervisor/script_check.h"

namespace holdfast::supervisor {
namespace {

// What the child writes: each line with its end, then an empty one, so that it is known to be all.
constexpr char kEnd = '\0';

void writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// It ends itself, whatever it waits for; and holds nothing of the supervisor's meanwhile, such as
// the lock of the pid file.
[[noreturn]] void look(const Plan& plan, bool withFile, int pipe) {
  ::signal(SIGALRM, SIG_DFL);
  sigset_t alarms;
  ::sigemptyset(&alarms);
  ::sigaddset(&alarms, SIGALRM);
  ::sigprocmask(SIG_UNBLOCK, &alarms, nullptr);
  ::alarm(ScriptCheckChild::kSeconds);
  constexpr int kPipe = STDERR_FILENO + 1;
  if (::dup2(pipe, kPipe) < 0 || ::close_range(kPipe + 1, ~0U, 0) != 0) {
    ::_exit(1);
  }
  std::string found;
  for (const ScriptMessage& script : checkScripts(plan).messages) {
    found += script.text(withFile) + kEnd;
  }
  writeAll(kPipe, found + kEnd);
  ::_exit(0);
}

}  // namespace

void ScriptCheckChild::start(const Plan& plan) {
  close();
  if (plan.identities.empty()) {
    return;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    ended();
    return;
  }
  pipe_ = UniqueFd(ends[0]);
  const UniqueFd writer(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    look(plan, plan.severalFiles, writer.get());
  }
  ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  if (pid < 0 || !loop_.addReader(pipe_.get(), Turn::kRest, [this] { read(); })) {
    ended();
  }
}

void ScriptCheckChild::read() {
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(pipe_.get(), bytes.data(), bytes.size());
  if (size > 0) {
    found_.append(bytes.data(), static_cast<std::size_t>(size));
  } else if (size == 0 || errno != EAGAIN) {
    ended();
  }
}

void ScriptCheckChild::ended() {
  std::string_view rest = found_;
  while (!rest.empty() && rest.front() != kEnd) {
    const std::size_t size = rest.find(kEnd);
    line_(rest.substr(0, size));
    rest.remove_prefix(size == std::string_view::npos ? rest.size() : size + 1);
  }
  if (rest.empty()) {
    line_("The scripts could not be checked within " + std::to_string(kSeconds) +
          " seconds: is each on a file system that answers? They are checked before every run");
  }
  close();
}

void ScriptCheckChild::close() {
  if (pipe_) {
    loop_.removeReader(pipe_.get());
    pipe_.reset();
  }
  found_.clear();
}

}  // namespace holdfast::supervisor
