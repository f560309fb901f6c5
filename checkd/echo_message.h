// An ICMP echo request (RFC 792) or ICMPv6 echo request (RFC 4443, 4.1), and its reply.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ipc/ip_address.h"

namespace holdfast::checkd {

// With `token` and keepalived's text behind it, 128 bytes. A ping socket (icmp(7)) puts another
// identifier and checksum into it; ICMPv6 gets its checksum from the kernel in any case.
[[nodiscard]] std::vector<std::uint8_t> echoRequest(AddressFamily family, std::uint64_t token);

// Whether it is the reply to that request: from a ping socket, or from a raw one, which has an IPv4
// header before it.
[[nodiscard]] bool isEchoReply(AddressFamily family, std::uint64_t token,
                               std::span<const std::uint8_t> message);

}  // namespace holdfast::checkd
