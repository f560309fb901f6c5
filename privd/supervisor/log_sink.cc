#include "privd/supervisor/log_sink.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

}  // namespace

LogSink::LogSink(LogSettings settings) : settings_(settings) {
  if (settings_.syslog) {
    static_cast<void>(connectSyslog());
  }
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

bool LogSink::writeConsole(std::string_view text) {
  const std::string line = timeText("%c: ") + std::string(text) + "\n";
  // O_NONBLOCK would be set for everybody who shares the terminal, so ask first.
  pollfd console{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&console, 1, 0) == 1 && (console.revents & POLLOUT) != 0 &&
         ::write(STDERR_FILENO, line.data(), line.size()) >= 0;
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
