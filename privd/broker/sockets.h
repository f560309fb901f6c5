// Finished sockets for vrrpd (docs/design.md, "The broker's one rule"): every option is set, the
// device and the destination are fixed, the filter is locked. The one who gets them can receive and
// send on them, and nothing else.
#pragma once

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/kernel.h"

namespace holdfast::privd {

// The protocol number of VRRP (RFC 9568, 5.1.1.4).
inline constexpr int kVrrpProtocol = 112;

// Raw, IPPROTO_VRRP (with an authentication header IPPROTO_AH), non-blocking. IPv4: a packet begins
// with its IP header. IPv6: with the VRRP
// header; IPV6_PKTINFO and IPV6_HOPLIMIT come as control messages, and the kernel has verified the
// checksum.
[[nodiscard]] Result<UniqueFd> openReceiveSocket(const ReceiveSocketPlan& plan);

// Raw, IPPROTO_VRRP, non-blocking, connected: send(2) of a VRRP PDU. The kernel writes the IP
// header; for IPv6 the checksum too. Receives nothing.
//
// With an authentication header (IPPROTO_AH) the check value of what is sent covers the IP
// identification. On a connected socket the kernel counts that up from a random number, which is
// learnt here from one empty packet over the loopback device. So who sends needs no right to write
// IP headers of his own.
[[nodiscard]] Result<SendSocket> openSendSocket(const SendSocketPlan& plan);

}  // namespace holdfast::privd
