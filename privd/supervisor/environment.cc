#include "privd/supervisor/environment.h"

#include <algorithm>
#include <cstdlib>

namespace holdfast::supervisor {
namespace {

std::string valueOf(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): single-threaded
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Environment takeEnvironment() {
  Environment environment{valueOf("NOTIFY_SOCKET"), valueOf("RUNTIME_DIRECTORY")};
  environment.runtimeDirectory.resize(
      std::min(environment.runtimeDirectory.find(':'), environment.runtimeDirectory.size()));
  ::clearenv();
  return environment;
}

}  // namespace holdfast::supervisor
