// The worker's side of the log: lines go to the supervisor over descriptor 4, which writes them to
// syslog and the console under the worker's ident. Never blocks: a line that finds the socket full
// is dropped, and the next one that gets through says how many were lost.
#pragma once

#include <cstdint>
#include <string_view>

#include "ipc/schemas/messages.capnp.h"

namespace holdfast {

// Longer lines are cut.
inline constexpr std::size_t kMaxLogText = 1024;

class Log {
 public:
  static constexpr std::uint8_t kExtraDetail = 2;

  using Severity = schema::LogLine::Severity;

  // `fd` is borrowed: a SOCK_SEQPACKET end, usually kLogFd.
  explicit Log(int fd) : fd_(fd) {}

  // Lines of a higher detail are left out.
  void setMostDetail(std::uint8_t mostDetail) { mostDetail_ = mostDetail; }
  [[nodiscard]] bool wantsExtraDetail() const { return mostDetail_ >= kExtraDetail; }

  void error(std::string_view text) { write(Severity::ERROR, 0, text); }
  void warning(std::string_view text) { write(Severity::WARNING, 0, text); }
  void notice(std::string_view text) { write(Severity::NOTICE, 0, text); }
  void info(std::string_view text) { write(Severity::INFO, 0, text); }
  void detail(std::string_view text) { write(Severity::INFO, 1, text); }  // only with -D
  void extraDetail(std::string_view text) {
    write(Severity::INFO, kExtraDetail, text);
  }  // only with -D -D

  void write(Severity severity, std::uint8_t detail, std::string_view text);

  [[nodiscard]] std::uint64_t droppedEver() const { return droppedEver_; }

 private:
  int fd_;
  std::uint8_t mostDetail_ = kExtraDetail;
  std::uint32_t dropped_ = 0;
  std::uint64_t droppedEver_ = 0;
};

}  // namespace holdfast
