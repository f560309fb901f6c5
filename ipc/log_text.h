// Lines for the log from objects that do no input or output: they ask for them, and the process
// around them writes them.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

class Log;

enum class Severity : std::uint8_t { kError, kWarning, kInfo };
enum class Detail : std::uint8_t { kAlways, kDetailed };  // kDetailed: only with -D

struct LogText {
  Severity severity = Severity::kInfo;
  Detail detail = Detail::kAlways;
  std::string text;
  friend bool operator==(const LogText&, const LogText&) = default;
};

void write(Log& log, const LogText& line);

}  // namespace holdfast
