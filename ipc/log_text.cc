#include "ipc/log_text.h"

#include "ipc/log.h"

namespace holdfast {

void write(Log& log, const LogText& line) {
  const std::uint8_t detail = line.detail == Detail::kDetailed ? 1 : 0;
  switch (line.severity) {
    case Severity::kError:
      log.write(Log::Severity::ERROR, detail, line.text);
      return;
    case Severity::kWarning:
      log.write(Log::Severity::WARNING, detail, line.text);
      return;
    case Severity::kInfo:
      log.write(Log::Severity::INFO, detail, line.text);
      return;
  }
}

}  // namespace holdfast
