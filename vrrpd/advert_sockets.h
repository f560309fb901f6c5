// The finished sockets of one instance: privd opened, bound, connected, filtered and locked them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "vrrpd/packet.h"

namespace holdfast::vrrpd {

// Owned by the instance's Station in the Daemon. Sends with send(2) without an address: where to is
// the socket's own. A new socket replaces the old one only when it is there, so that there is no
// moment without one.
class AdvertSockets {
 public:
  struct Handlers {
    std::function<void(const Envelope& envelope)> datagram;
    std::function<void(std::size_t bytes)> unopened;  // too broken to have an envelope
  };

  AdvertSockets(EventLoop& loop, AddressFamily family, std::size_t destinations, Handlers handlers);
  ~AdvertSockets();
  AdvertSockets(const AdvertSockets&) = delete;
  AdvertSockets& operator=(const AdvertSockets&) = delete;

  // Every socket has been asked for anew.
  void expectAll();
  // An answer from privd. `destination` of the receive socket is kReceive.
  static constexpr std::size_t kReceive = static_cast<std::size_t>(-1);
  // `identification` is that of the last packet that was sent on it.
  [[nodiscard]] Status adopt(std::size_t destination, UniqueFd fd, std::uint16_t identification);
  // Each has arrived since it was last asked for.
  [[nodiscard]] bool areComplete() const;

  // The identification that the kernel will give to the next packet: it counts up on a connected
  // socket. After a failed send() it may be another, until a new socket is there.
  [[nodiscard]] std::uint16_t nextIdentification(std::size_t destination) const;
  // 0, or the errno of send(2).
  int send(std::size_t destination, std::span<const std::uint8_t> payload);
  // Reads what has arrived, a bounded number of datagrams.
  void read();

 private:
  [[nodiscard]] bool readOne();

  EventLoop& loop_;
  AddressFamily family_;
  Handlers handlers_;
  UniqueFd receive_;
  struct Sender {
    UniqueFd fd;
    std::uint16_t identification = 0;  // of the last packet
  };
  std::vector<Sender> send_;
  std::vector<bool> awaited_;  // in the order of send_, and the receive socket behind them
};

}  // namespace holdfast::vrrpd
