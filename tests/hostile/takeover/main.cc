// Stands in for a worker that was taken over completely: it starts like the one whose name it was
// started under, enters the same sandbox, and then makes whatever system calls a test tells it to.
// Only what the process may do, whatever code it runs, is left to stop it.
//
// The test waits at /run/test/puppet/NAME, in the mount namespace of the daemon. Of files, watchd
// may read those in /run/test/watched and in /proc.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ipc/descriptors.h"
#include "ipc/log.h"
#include "ipc/unique_fd.h"
#include "policy/sandbox.h"
#include "tests/hostile/takeover/puppet.h"

namespace holdfast::takeover {
namespace {

constexpr std::string_view kDirectory = "/run/test/puppet/";

Result<UniqueFd> takeStrings(std::string_view name) {
  const std::string path = std::string(kDirectory) + std::string(name);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{"a path that is too long"};
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd strings(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!strings ||
      ::connect(strings.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return systemError(path);
  }
  return strings;
}

std::optional<policy::Role> roleOf(std::string_view name) {
  using policy::Role;
  for (const Role role :
       {Role::kPrivd, Role::kConfd, Role::kVrrpd, Role::kScriptd, Role::kWatchd, Role::kCheckd}) {
    if (name == policy::executableOf(role)) {
      return role;
    }
  }
  return std::nullopt;
}

// As each worker asks for it in its own main.
Result<policy::SandboxRequest> requestOf(policy::Role role, std::span<char* const> arguments) {
  if (role != policy::Role::kConfd) {
    return policy::workerRequest(role, arguments);
  }
  policy::SandboxRequest request;
  request.role = role;
  request.uid = ::getuid();
  request.gid = ::getgid();
  request.keepDescriptors = {kControlFd, kLogFd};
  return request;
}

// What it does itself once it has its configuration.
Status confineWatchd() {
  const UniqueFd watched(::open("/run/test/watched", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const int directories[] = {watched.get(), proc.get()};
  const auto confined = policy::confineToReading(directories);
  return confined ? success() : Status(confined.error());
}

Status run(std::span<char* const> arguments) {
  const std::string_view name = arguments.empty() ? "" : arguments[0];
  const auto role = roleOf(name);
  if (!role) {
    return Error{"started under a name that is no worker's"};
  }
  const auto strings = takeStrings(name);
  if (!strings) {
    return strings.error();
  }
  auto request = requestOf(*role, arguments);
  if (!request) {
    return request.error();
  }
  request->keepDescriptors.push_back(strings->get());
  if (const auto report = policy::enterSandbox(*request); !report) {
    return report.error();
  }
  if (*role == policy::Role::kWatchd) {
    if (const auto confined = confineWatchd(); !confined) {
      return confined;
    }
  }
  return Puppet(strings->get()).dance();
}

}  // namespace
}  // namespace holdfast::takeover

int main(int argc, char** argv) {
  const auto status =
      holdfast::takeover::run(std::span<char* const>(argv, static_cast<std::size_t>(argc)));
  if (!status) {
    holdfast::Log(holdfast::kLogFd).error("takeover: " + status.error().message);
  }
  return status ? 0 : 1;
}
