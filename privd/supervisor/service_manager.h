// The service manager's readiness protocol (sd_notify(3)): datagrams to the socket that
// NOTIFY_SOCKET named when we were started. Nothing happens where there is none.
#pragma once

#include <string>
#include <string_view>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

class ServiceManager {
 public:
  ServiceManager() = default;
  // `socketPath` as in NOTIFY_SOCKET: absolute, or abstract with a leading '@'.
  explicit ServiceManager(std::string_view socketPath);

  void ready(std::string_view status) const;
  void status(std::string_view text) const;
  void reloading() const;
  void stopping() const;

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  void send(const std::string& state) const;
  UniqueFd socket_;
};

}  // namespace holdfast::supervisor
