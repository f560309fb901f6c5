// The sockets of attempts: made here, or asked of privd.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "checkd/socket_source.h"

namespace holdfast::checkd {

// Owned by the Daemon.
class Sockets final : public SocketSource {
 public:
  // `ask` has privd make socket `index` of IpvsConfig.checkSockets; false: there is no privd.
  explicit Sockets(std::function<bool(std::uint32_t index)> ask);
  ~Sockets() override;
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  [[nodiscard]] std::unique_ptr<Pending> open(SocketKind kind, const Connection& to,
                                              Opened opened) override;
  // privd's answer to whoever waits longest for a socket of this index.
  void answered(std::uint32_t index, Result<UniqueFd> socket);
  // privd is gone: nobody who waits gets an answer.
  void lost();

 private:
  class Waiting;

  // Null: who asked has gone, and the answer is not wanted.
  std::map<std::uint32_t, std::deque<Waiting*>> waiting_;
  std::function<bool(std::uint32_t index)> ask_;
};

}  // namespace holdfast::checkd
