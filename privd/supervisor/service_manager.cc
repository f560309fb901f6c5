#include "privd/supervisor/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "ipc/event_loop.h"

namespace holdfast::supervisor {

namespace {

// A line of its own would be another assignment.
std::string oneLine(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

}  // namespace

ServiceManager::ServiceManager(std::string_view socketPath, Duration watchdog)
    : watchdog_(watchdog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socketPath.size() < 2 || socketPath.size() >= sizeof(address.sun_path) ||
      (socketPath[0] != '/' && socketPath[0] != '@')) {
    return;
  }
  std::copy(socketPath.begin(), socketPath.end(), address.sun_path);
  if (socketPath[0] == '@') {
    address.sun_path[0] = '\0';
  }
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socketPath.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0) {
    socket_ = std::move(socket);
  }
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\nMAINPID=" + std::to_string(::getpid()) + "\nSTATUS=" + oneLine(status));
}

void ServiceManager::status(std::string_view text) const {
  send("STATUS=" + oneLine(text));
}

void ServiceManager::reloading() const {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now().time_since_epoch());
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void ServiceManager::stopping() const {
  send("STOPPING=1");
}

void ServiceManager::alive() const {
  if (watchdog_ > Duration::zero()) {
    send("WATCHDOG=1");
  }
}

void ServiceManager::send(const std::string& state) const {
  if (socket_) {
    static_cast<void>(::send(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL));
  }
}

}  // namespace holdfast::supervisor
