// An IPv4 or IPv6 address as a plain value.
#pragma once

#include <netinet/in.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

enum class AddressFamily : std::uint8_t { kIpv4, kIpv6 };

// `bytes` are in network order; an IPv4 address uses the first four and leaves the rest zero, so
// that the defaulted comparison orders addresses of one family as VRRP's tie-break does
// (RFC 5798, 6.4.3: "the primary IP Address of the sender is greater").
struct IpAddress {
  AddressFamily family = AddressFamily::kIpv4;
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  [[nodiscard]] std::size_t size() const { return family == AddressFamily::kIpv4 ? 4 : 16; }
  [[nodiscard]] bool isUnspecified() const { return bytes == std::array<std::uint8_t, 16>{}; }
  [[nodiscard]] bool isMulticast() const;
  [[nodiscard]] bool isIpv6LinkLocal() const;

  // The two halves of a sealed or internal message: IPv4 is the low 32 bits of `low`, in host
  // order.
  [[nodiscard]] std::uint64_t high() const;
  [[nodiscard]] std::uint64_t low() const;
  [[nodiscard]] static IpAddress fromHalves(AddressFamily family, std::uint64_t high,
                                            std::uint64_t low);

  [[nodiscard]] static IpAddress fromIpv4(const in_addr& address);
  [[nodiscard]] static IpAddress fromIpv6(const in6_addr& address);
  [[nodiscard]] in_addr toIpv4() const;
  [[nodiscard]] in6_addr toIpv6() const;

  // inet_pton(3) notation, without a prefix length or a scope.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string toString() const;
};

// AF_INET or AF_INET6.
[[nodiscard]] constexpr int socketFamily(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
}

}  // namespace holdfast
