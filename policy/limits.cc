#include "policy/limits.h"

#include <algorithm>
#include <string>

namespace holdfast::policy {
namespace {

constexpr rlim_t kMiB = rlim_t{1024} * 1024;

// What is started by these two inherits their limits, so scripts keep the system's own but for
// cores.
constexpr Limit kStarterLimits[] = {
    {RLIMIT_CORE, 0, false, "the configuration holds secrets; a script may raise it for its own"},
};

constexpr Limit kPrivdLimits[] = {
    {RLIMIT_CORE, 0, true, "a core holds the configuration"},
    {RLIMIT_NPROC, 0, true, "starts nothing"},
    {RLIMIT_FSIZE, 0, true, "writes no file"},
    {RLIMIT_NOFILE, 1024, true, "its sockets, and those that it is about to hand over"},
};

constexpr Limit kVrrpdLimits[] = {
    {RLIMIT_CORE, 0, true, "a core holds authentication keys"},
    {RLIMIT_NPROC, 0, true, "starts nothing"},
    {RLIMIT_FSIZE, 0, true, "writes no file"},
    {RLIMIT_NOFILE, 8192, true, "one socket to receive and one for each peer, for 255 instances"},
};

constexpr Limit kConfdLimits[] = {
    {RLIMIT_CORE, 0, true, "a core holds authentication keys"},
    {RLIMIT_NPROC, 0, true, "starts nothing"},
    {RLIMIT_FSIZE, 1024 * kMiB, true, "the sealed messages, of 1 GiB at most"},
    {RLIMIT_NOFILE, 256, true, "nested include files"},
    {RLIMIT_DATA, 1024 * kMiB, true, "a configuration that unfolds without an end"},
    {RLIMIT_CPU, 60, true, "the same: one compilation takes milliseconds"},
};

constexpr Limit kWatchdLimits[] = {
    {RLIMIT_CORE, 0, true, "nothing that others should see, and nothing that they need"},
    {RLIMIT_NPROC, 0, true, "starts nothing"},
    {RLIMIT_NOFILE, 8192, true, "one for each process that it counts"},
};

constexpr Limit kCheckdLimits[] = {
    {RLIMIT_CORE, 0, true, "a core holds keys of TLS"},
    {RLIMIT_NPROC, 0, true, "starts nothing"},
    {RLIMIT_FSIZE, 0, true, "writes no file"},
    {RLIMIT_NOFILE, 65536, true, "a connection to each checked server at once"},
};

}  // namespace

std::span<const Limit> limitsOf(Role role) {
  switch (role) {
    case Role::kSupervisor:
    case Role::kScriptd:
      return kStarterLimits;
    case Role::kPrivd:
      return kPrivdLimits;
    case Role::kVrrpd:
      return kVrrpdLimits;
    case Role::kConfd:
      return kConfdLimits;
    case Role::kWatchd:
      return kWatchdLimits;
    case Role::kCheckd:
      return kCheckdLimits;
  }
  return {};
}

Status applyLimit(const Limit& limit) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource>(limit.resource), &now) != 0) {
    return systemError("getrlimit");
  }
  now.rlim_cur = std::min(limit.value, now.rlim_max);
  if (limit.hard) {
    now.rlim_max = now.rlim_cur;
  }
  if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &now) != 0) {
    return systemError(std::string("setrlimit (") + limit.reason + ")");
  }
  return success();
}

}  // namespace holdfast::policy
