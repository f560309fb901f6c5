// What arrives on a receive socket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ipc/ip_address.h"
#include "vrrpd/packet.h"

namespace holdfast::vrrpd {

using DatagramBuffer = std::array<std::uint8_t, kMaxDatagramBytes + 1>;

struct ReceivedDatagram {
  std::size_t bytes = 0;
  // Where the socket's filter has found it.
  std::optional<std::uint8_t> virtualRouterId;
  // Nothing where it is too broken to have one. Its spans are in the buffer.
  std::optional<Envelope> envelope;
};

// Takes one datagram off `fd`, a receive socket that privd has made. Nothing if none is there; an
// error that the kernel has to report (ENETDOWN and the like), which it does once, is passed over.
[[nodiscard]] std::optional<ReceivedDatagram> takeDatagram(int fd, AddressFamily family,
                                                           DatagramBuffer& buffer);

}  // namespace holdfast::vrrpd
