// How a router of VRRPv2 over IPv4 shows that it is meant (RFC 2338, 5.3.6; RFC 3768 took it out).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "ipc/ip_address.h"
#include "vrrpd/packet.h"
#include "vrrpd/secret.h"

namespace holdfast::vrrpd {

// What an instance sends, and asks of others.
struct Authentication {
  AuthType type = AuthType::kNone;
  std::shared_ptr<const Secret> key;  // of kAuthDataBytes bytes, unless kNone

  [[nodiscard]] bool hasHeader() const { return type == AuthType::kAuthHeader; }
  // What stands in the PDU itself.
  [[nodiscard]] std::span<const std::uint8_t> password() const {
    return type == AuthType::kSimplePassword ? key->bytes() : std::span<const std::uint8_t>{};
  }
};

// Compares without telling by the time it takes where they differ.
[[nodiscard]] bool isEqual(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other);

// What the authentication header of one advertisement has of its own.
struct AuthStamp {
  std::uint16_t identification = 0;  // that the kernel will write into the IP header
  std::uint32_t sequence = 0;
};

// The IP authentication header (RFC 2402) in front of a PDU: next header, length, reserved, SPI,
// sequence number, check value. As keepalived uses it, the SPI is the source address.
class AuthHeaderView {
 public:
  // Nothing where it is not one of VRRP with a check value of 96 bits. Borrows `bytes`.
  [[nodiscard]] static std::optional<AuthHeaderView> parse(std::span<const std::uint8_t> bytes);

  [[nodiscard]] std::uint32_t securityParameters() const;
  [[nodiscard]] std::uint32_t sequence() const;
  // The check value is what `key` makes of this datagram, which is all there.
  [[nodiscard]] bool isSealedWith(const Secret& key, const Envelope& envelope) const;

 private:
  explicit AuthHeaderView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::span<const std::uint8_t> bytes_;
};

// Writes the authentication header of `pdu` to `out`, which has kAuthHeaderBytes. The check value
// covers the IP header that the kernel will write: it has no options, and this identification.
void writeAuthHeader(const Secret& key, const AuthStamp& stamp, const IpAddress& source,
                     const IpAddress& destination, std::span<const std::uint8_t> pdu,
                     std::span<std::uint8_t> out);

// The replay counter of a virtual router: one for what is sent and what is heard, as keepalived
// has it, so that a backup that becomes master goes on where the master was. Owned by an Instance.
//
// Of what it had reached before a crash only the block of 65,536 is known. What is sent goes on in
// the next one; what is heard has to be of this one at least, since a router that has taken over
// goes on from where we were.
class AuthSequence {
 public:
  [[nodiscard]] std::uint32_t next();
  [[nodiscard]] std::uint32_t last() const { return last_; }
  void heard(std::uint32_t sequence);

  [[nodiscard]] std::uint16_t block() const { return static_cast<std::uint16_t>(last_ >> 16); }
  void goOnAfter(std::uint16_t block);

 private:
  std::uint32_t last_ = 0;
  std::uint32_t reserved_ = 0;  // may have been sent already, up to this
};

}  // namespace holdfast::vrrpd
