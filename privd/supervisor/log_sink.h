// Where every log line of every process ends: syslog under the process's ident, and with -n -l the
// console. Owned by the supervisor. Never waits: a line that cannot be written at once is counted.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

// Severities of RFC 3164, as far as the supervisor itself uses them.
inline constexpr int kAlert = 1;
inline constexpr int kError = 3;
inline constexpr int kWarning = 4;
inline constexpr int kInfo = 6;

struct LogSettings {
  bool console = false;
  bool syslog = true;
  int facility = 3;  // as in RFC 3164: 3 is daemon
  int detail = 0;    // lines of a higher detail are left out
};

// One line, from whom.
struct LogRecord {
  std::string_view ident;
  pid_t pid = 0;
  int severity = kInfo;
  int detail = 0;
  std::string_view text;
};

class LogSink {
 public:
  explicit LogSink(LogSettings settings);

  // Goes behind every ident in syslog: "_NETNS_INSTANCE".
  void setIdentSuffix(std::string suffix);

  // What is not printable ASCII in `record.text` is written as '?'.
  void write(const LogRecord& record);
  // The supervisor's own lines.
  void own(int severity, std::string_view text, int detail = 0);

  // The syslog socket and the console, each where it is there.
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  void openConsole();
  [[nodiscard]] bool writeConsole(std::string_view text);
  [[nodiscard]] bool flushConsole();
  [[nodiscard]] bool writeSyslog(const LogRecord& record, std::string_view text);
  [[nodiscard]] bool connectSyslog();

  LogSettings settings_;
  std::string identSuffix_;
  UniqueFd syslog_;
  UniqueFd console_;       // standard error once more, not blocking; not where that cannot be had
  std::string unwritten_;  // the rest of the last line on the console
  std::uint64_t dropped_ = 0;  // since the last line that got through
};

}  // namespace holdfast::supervisor
