#include "privd/supervisor/environment.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "ipc/descriptors.h"

namespace holdfast::supervisor {
namespace {

std::string valueOf(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): single-threaded
  return value == nullptr ? std::string() : std::string(value);
}

// Zero for what is not a number of microseconds, or one that no timer can be set to.
Duration watchdogOf(const std::string& microseconds, const std::string& pid) {
  if (!pid.empty() && pid != std::to_string(::getpid())) {
    return Duration::zero();
  }
  std::uint32_t value = 0;
  const char* const end = microseconds.data() + microseconds.size();
  const auto parsed = std::from_chars(microseconds.data(), end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::chrono::microseconds(value)
                                                       : Duration::zero();
}

}  // namespace

Environment takeEnvironment() {
  Environment environment{valueOf("NOTIFY_SOCKET"),
                          valueOf("RUNTIME_DIRECTORY"),
                          valueOf("CREDENTIALS_DIRECTORY"),
                          watchdogOf(valueOf("WATCHDOG_USEC"), valueOf("WATCHDOG_PID")),
                          {}};
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    environment.variables.push_back(std::string(kVariablePrefix) + *variable);
  }
  environment.runtimeDirectory.resize(
      std::min(environment.runtimeDirectory.find(':'), environment.runtimeDirectory.size()));
  ::clearenv();
  return environment;
}

}  // namespace holdfast::supervisor
