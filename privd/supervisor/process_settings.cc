#include "privd/supervisor/process_settings.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

namespace holdfast::supervisor {
namespace {

void check(std::vector<Error>& errors, bool done, const char* keyword) {
  if (!done) {
    errors.push_back(systemError(keyword));
  }
}

bool setLimit(__rlimit_resource resource, rlim_t value) {
  const rlimit limit{value, value};
  return ::setrlimit(resource, &limit) == 0;
}

bool setRealtime(int priority) {
  // Nothing that it starts is realtime too.
  const sched_param parameters{.sched_priority = priority};
  return ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0;
}

bool setCpus(const std::vector<unsigned>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned cpu : cpus) {
    CPU_SET(cpu, &set);
  }
  return ::sched_setaffinity(0, sizeof(set), &set) == 0;
}

// What is allowed to it is what the supervisor may use itself.
bool setMemoryLimit(bool all) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
    return false;
  }
  return setLimit(RLIMIT_MEMLOCK, all ? limit.rlim_max : limit.rlim_cur);
}

}  // namespace

std::vector<Error> apply(const ProcessSettings& settings) {
  std::vector<Error> errors;
  check(errors, setMemoryLimit(settings.noSwap), "no_swap");
  check(errors, settings.cpus.empty() || setCpus(settings.cpus), "cpu_affinity");
  if (settings.realtimePriority != 0) {
    const auto limit =
        std::chrono::duration_cast<std::chrono::microseconds>(settings.realtimeLimit);
    check(errors, setLimit(RLIMIT_RTTIME, static_cast<rlim_t>(limit.count())),
          "rlimit_rttime");
    check(errors, setRealtime(settings.realtimePriority), "rt_priority");
  } else {
    check(errors, settings.niceness == 0 || ::setpriority(PRIO_PROCESS, 0, settings.niceness) == 0,
          "priority");
  }
  return errors;
}

void keepMemoryLimitOpen() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
    limit.rlim_max = RLIM_INFINITY;
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
  }
}

}  // namespace holdfast::supervisor
