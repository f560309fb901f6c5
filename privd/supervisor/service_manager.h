// The service manager's readiness protocol (sd_notify(3)): datagrams to the socket that
// NOTIFY_SOCKET named when we were started. Nothing happens where there is none.
#pragma once

#include <string>
#include <string_view>

#include "ipc/time.h"
#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

class ServiceManager {
 public:
  ServiceManager() = default;
  // `socketPath` as in NOTIFY_SOCKET: absolute, or abstract with a leading '@'.
  // `watchdog` is how often it wants a sign of life, 0 for never.
  explicit ServiceManager(std::string_view socketPath, Duration watchdog = Duration::zero());

  void ready(std::string_view status) const;
  void status(std::string_view text) const;
  void reloading() const;
  void stopping() const;
  // The sign of life, to be given at least twice in the time that is allowed.
  void alive() const;
  [[nodiscard]] Duration watchdog() const { return watchdog_; }

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  void send(const std::string& state) const;
  UniqueFd socket_;
  Duration watchdog_ = Duration::zero();
};

}  // namespace holdfast::supervisor
