// Where attempts get their sockets: most are made here, and those with a mark or a low port, which
// take a privilege, by privd.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>

#include "checkd/configuration.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::checkd {

// Owned by the Daemon, borrowed by every attempt.
class SocketSource {
 public:
  // Called once, from the event loop or from within open(): a socket that does not block, bound as
  // configured and not connected; or why there is none. The Error kNobody says that who makes it is
  // not there now: that is not the server's fault.
  static constexpr int kNobody = ENOTCONN;
  using Opened = std::function<void(Result<UniqueFd> socket)>;
  // Destroying it takes the request back: `opened` is not called any more.
  class Pending {
   public:
    Pending() = default;
    virtual ~Pending() = default;
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
  };

  virtual ~SocketSource() = default;

  // Null when `opened` has been called already.
  [[nodiscard]] virtual std::unique_ptr<Pending> open(SocketKind kind, const Connection& to,
                                                      Opened opened) = 0;
};

}  // namespace holdfast::checkd
