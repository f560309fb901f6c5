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
  [[nodiscard]] Status adopt(std::size_t destination, UniqueFd fd);
  // Each has arrived since it was last asked for.
  [[nodiscard]] bool areComplete() const;

  // 0, or the errno of send(2).
  int send(std::size_t destination, std::span<const std::uint8_t> pdu) const;
  // Reads what has arrived, a bounded number of datagrams.
  void read();

 private:
  [[nodiscard]] bool readOne();

  EventLoop& loop_;
  AddressFamily family_;
  Handlers handlers_;
  UniqueFd receive_;
  std::vector<UniqueFd> send_;
  std::vector<bool> awaited_;  // in the order of send_, and the receive socket behind them
};

}  // namespace holdfast::vrrpd
