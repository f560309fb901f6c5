#include "privd/supervisor/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

namespace holdfast::supervisor {
namespace {

constexpr const char* kSyslogSocket = "/dev/log";
constexpr const char* kSupervisorIdent = "Keepalived";

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

std::string timeText(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

// To the console, without waiting.
ssize_t writeSome(int console, std::string_view text) {
  if (console >= 0) {
    return ::write(console, text.data(), text.size());
  }
  const ssize_t sent = ::send(STDERR_FILENO, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0 || errno != ENOTSOCK) {
    return sent;
  }
  pollfd standardError{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standardError, 1, 0) != 1) {
    errno = EAGAIN;
    return -1;
  }
  return ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

LogSink::LogSink(LogSettings settings) : settings_(settings) {
  if (settings_.console) {
    openConsole();
  }
  if (settings_.syslog) {
    static_cast<void>(connectSyslog());
  }
}

std::vector<int> LogSink::descriptors() const {
  std::vector<int> all{syslog_.get(), console_.get()};
  std::erase(all, -1);
  return all;
}

void LogSink::setIdentSuffix(std::string suffix) {
  if (!suffix.empty()) {
    own(kInfo, std::string("Changing syslog ident to ") + kSupervisorIdent + suffix);
  }
  identSuffix_ = std::move(suffix);
}

void LogSink::own(int severity, std::string_view text, int detail) {
  write({kSupervisorIdent, ::getpid(), severity, detail, text});
}

void LogSink::write(const LogRecord& record) {
  if (record.detail > settings_.detail) {
    return;
  }
  const std::string text = printable(record.text);
  const bool onConsole = !settings_.console || writeConsole(text);
  const bool inSyslog = !settings_.syslog || writeSyslog(record, text);
  if (!onConsole || !inSyslog) {
    ++dropped_;
  } else if (const std::uint64_t lost = std::exchange(dropped_, 0); lost != 0) {
    own(kWarning, std::to_string(lost) + " log lines were lost: nobody took them");
  }
}

// O_NONBLOCK on standard error itself would be set for everybody who shares the terminal. Opened
// once more, a terminal or a pipe is our own. A file would be written from its beginning, but does
// not make anybody wait.
void LogSink::openConsole() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) == 0 &&
      (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode))) {
    console_ = UniqueFd(::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  }
}

// A line that was begun is ended before the next one; what does not fit now waits until then.
bool LogSink::writeConsole(std::string_view text) {
  if (!flushConsole()) {
    return false;
  }
  unwritten_ = timeText("%c: ") + std::string(text) + "\n";
  return flushConsole() || !unwritten_.empty();
}

bool LogSink::flushConsole() {
  while (!unwritten_.empty()) {
    const ssize_t size = writeSome(console_.get(), unwritten_);
    if (size < 0) {
      if (errno != EAGAIN) {
        unwritten_.clear();
      }
      return false;
    }
    unwritten_.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

bool LogSink::writeSyslog(const LogRecord& record, std::string_view text) {
  // RFC 3164, 4.1: <priority>timestamp ident[pid]: text
  const std::string line = "<" + std::to_string(settings_.facility * 8 + record.severity) + ">" +
                           timeText("%b %e %H:%M:%S ") + std::string(record.ident) + identSuffix_ +
                           "[" + std::to_string(record.pid) + "]: " + std::string(text);
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!syslog_ && !connectSyslog()) {
      break;
    }
    if (::send(syslog_.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
      return true;
    }
    if (errno == EAGAIN || errno == ENOBUFS) {
      break;
    }
    syslog_.reset();  // syslogd was restarted: its socket is a new one
  }
  return false;
}

bool LogSink::connectSyslog() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string_view path = kSyslogSocket;
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return false;
  }
  syslog_ = std::move(socket);
  return true;
}

}  // namespace holdfast::supervisor
