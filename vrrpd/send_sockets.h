// The finished send sockets of one instance: privd opened, bound, connected and locked them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ipc/unique_fd.h"

namespace holdfast::vrrpd {

// Owned by the instance's Station in the Daemon. Sends with send(2) without an address: where to is
// the socket's own. A new socket replaces the old one only when it is there, so that there is no
// moment without one.
class SendSockets {
 public:
  explicit SendSockets(std::size_t destinations)
      : senders_(destinations), awaited_(destinations, true) {}

  // Every socket has been asked for anew.
  void expectAll() { awaited_.assign(awaited_.size(), true); }
  // An answer from privd. `identification` is that of the last packet that was sent on it.
  void adopt(std::size_t destination, UniqueFd fd, std::uint16_t identification);
  // Each has arrived since it was last asked for.
  [[nodiscard]] bool areComplete() const;

  // The identification that the kernel will give to the next packet: it counts up on a connected
  // socket. After a failed send() it may be another, until a new socket is there.
  [[nodiscard]] std::uint16_t nextIdentification(std::size_t destination) const;
  // 0, or the errno of send(2).
  int send(std::size_t destination, std::span<const std::uint8_t> payload);

 private:
  struct Sender {
    UniqueFd fd;
    std::uint16_t identification = 0;  // of the last packet
  };
  std::vector<Sender> senders_;  // by destination
  std::vector<bool> awaited_;
};

}  // namespace holdfast::vrrpd
