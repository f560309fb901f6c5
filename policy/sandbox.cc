#include "policy/sandbox.h"

#include <unistd.h>

#include <charconv>
#include <string_view>

#include "ipc/descriptors.h"
#include "ipc/log.h"
#include "policy/drop.h"

namespace holdfast::policy {
namespace {

struct Step {
  const char* name;
  Status (*run)(Drop&);
};

// Bounding set and securebits need CAP_SETPCAP, which the change of ids takes away. exec and a
// change of ids make a process dumpable and forget its parent-death signal, so these two come after
// it.
constexpr Step kOrder[] = {
    {"descriptors 0 to 2", validateDescriptors},
    {"environment", clearEnvironment},
    {"no core, not dumpable", forbidCores},
    {"signals", resetSignals},
    {"inherited descriptors", closeDescriptors},
    {"groups", setGroups},
    {"bounding set", dropBoundingSet},
    {"securebits", lockSecureBits},
    {"user and group", changeIds},
    {"ambient capabilities", clearAmbient},
    {"seccomp while CAP_SYS_ADMIN is there", filterWhilePrivileged},
    {"capabilities", setCapabilities},
    {"verification", verifyStatus},
    {"attempt to undo", tryToUndo},
    {"no_new_privs", setNoNewPrivileges},
    {"limits", setLimits},
    {"not dumpable", forbidCores},
    {"parent-death signal", dieWithParent},
    {"Landlock", enterLandlockOfRole},
    {"seccomp", filterSystemCalls},
};

Error inContext(const SandboxRequest& request, const char* step, const Error& error) {
  return Error{
      "sandbox of " + std::string(nameOf(request.role)) + ": " + step + ": " + error.message,
      error.code};
}

template <typename Id>
bool parseId(std::string_view text, Id& id) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id);
  return parsed.ec == std::errc{} && parsed.ptr == end && id != static_cast<Id>(-1);
}

CapabilitySet capabilitiesOf(Role role, uid_t uid) {
  switch (role) {
    case Role::kPrivd:
      return kBrokerCapabilities;
    case Role::kSupervisor:
      return kSupervisorCapabilities;
    case Role::kScriptd:
      return uid == 0 ? CapabilitySet::all() : CapabilitySet{};
    case Role::kConfd:
    case Role::kVrrpd:
    case Role::kWatchd:
    case Role::kCheckd:
      return {};
  }
  return {};
}

}  // namespace

Result<SandboxReport> enterSandbox(const SandboxRequest& request) {
  auto started = readProcessStatus("/proc/self/status");
  if (!started.ok()) {
    return inContext(request, "before the first step", started.error());
  }
  const bool already = started->noNewPrivileges;
  Drop drop{request, std::move(started).value(), already, {}};
  for (const Step& step : kOrder) {
    if (const auto done = step.run(drop); !done.ok()) {
      return inContext(request, step.name, done.error());
    }
  }
  return drop.report;
}

std::string SandboxReport::text() const {
  std::string text = seccomp ? "seccomp on"
                             : "NO seccomp filter (neither CAP_SYS_ADMIN nor "
                               "no_new_privs: set NoNewPrivileges=yes in the unit)";
  if (seccompOnlyLogs) {
    text += " but ONLY LOGGING (built with -Dseccomp=log)";
  }
  if (landlockVersion.has_value()) {
    text += *landlockVersion > 0 ? ", Landlock version " + std::to_string(*landlockVersion)
                                 : ", no Landlock in this kernel";
  }
  if (!boundingExact) {
    text += ", bounding set as started (no CAP_SETPCAP: set CapabilityBoundingSet= in the unit)";
  }
  if (!secureBitsLocked) {
    text += ", securebits as started";
  }
  if (!groupsExact) {
    text += ", groups as started (no CAP_SETGID)";
  }
  return text;
}

std::uint8_t logDetailOf(std::span<char* const> arguments) {
  for (const std::string_view word : arguments) {
    if (word.starts_with(kLogDetailWord)) {
      const std::string_view number = word.substr(kLogDetailWord.size());
      std::uint8_t detail = Log::kExtraDetail;
      std::from_chars(number.data(), number.data() + number.size(), detail);
      return detail;
    }
  }
  return Log::kExtraDetail;
}

Result<SandboxRequest> workerRequest(Role role, std::span<char* const> arguments) {
  SandboxRequest request;
  request.role = role;
  request.keepDescriptors = {kControlFd, kLogFd};
  if (arguments.size() < 3 || !parseId(arguments[1], request.uid) ||
      !parseId(arguments[2], request.gid)) {
    return Error{std::string(executableOf(role)) +
                 " is started by holdfast, with a user id and a group id"};
  }
  request.capabilities = capabilitiesOf(role, request.uid);
  if (role == Role::kScriptd) {
    request.noNewPrivileges = false;
    request.bounding = request.capabilities;
  }
  for (const std::string_view word : arguments.subspan(3)) {
    if (word.starts_with(kLogDetailWord)) {
      continue;
    }
    if (role == Role::kScriptd && word == kNoNewPrivilegesWord) {
      request.noNewPrivileges = true;
    } else if (role == Role::kPrivd && word == kLowPortsWord) {
      request.capabilities = request.capabilities | kLowPortCapabilities;
    } else if (role == Role::kScriptd && word == kSetuidProgramsWord) {
      request.bounding = CapabilitySet::all();
    } else {
      return Error{std::string(executableOf(role)) + ": unexpected argument"};
    }
  }
  return request;
}

}  // namespace holdfast::policy
