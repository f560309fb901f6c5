// What confd has to say, to the log and to the supervisor. Unlike a daemon's, its lines wait until
// they have been read: diagnostics are what this program is for.
#pragma once

#include <string_view>

#include "config/compiler.h"
#include "ipc/channel.h"
#include "ipc/log.h"

namespace holdfast::config {

// How diagnostics are written.
enum class Style : std::uint8_t {
  kLog,    // one line each
  kCheck,  // with the source line and a caret
  kJson,
};

enum class Purpose : std::uint8_t {
  kStart,  // or a reload: a message for each reader
  kCheck,  // what the supervisor checks, and nothing for anybody else
};

class SupervisorLink {
 public:
  // On descriptors 3 and 4.
  SupervisorLink();

  void say(Log::Severity severity, std::string_view text);
  void report(const Compilation& compilation, Style style);
  void dump(const Source& source);

  // The sealed messages. False where that failed.
  [[nodiscard]] bool handOver(const Compilation& compilation, Purpose purpose);
  // Always the last word.
  [[nodiscard]] bool conclude(std::uint32_t exitCode, std::uint32_t problems);

 private:
  Channel channel_;
  Log log_;
};

}  // namespace holdfast::config
