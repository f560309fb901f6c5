#include "ipc/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace holdfast {
namespace {

std::uint64_t loadBigEndian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8 | bytes[i];
  }
  return value;
}

void storeBigEndian(std::uint64_t value, std::uint8_t* bytes, std::size_t count) {
  for (std::size_t i = count; i-- > 0;) {
    bytes[i] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

// As inet_pton(3), which wants a copy of each: a configuration can have tens of thousands.
std::optional<IpAddress> parseIpv4(std::string_view text) {
  IpAddress address;
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < 4; ++byte) {
    if (byte > 0 && (at == text.size() || text[at++] != '.')) {
      return std::nullopt;
    }
    const std::size_t begin = at;
    unsigned value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 3) {
      value = value * 10 + static_cast<unsigned>(text[at++] - '0');
    }
    const bool zeroInFront = at - begin > 1 && text[begin] == '0';
    if (at == begin || zeroInFront || value > 255) {
      return std::nullopt;
    }
    address.bytes.at(byte) = static_cast<std::uint8_t>(value);
  }
  return at == text.size() ? std::optional(address) : std::nullopt;
}

}  // namespace

bool IpAddress::isMulticast() const {
  return family == AddressFamily::kIpv4 ? (bytes[0] & 0xf0) == 0xe0 : bytes[0] == 0xff;
}

bool IpAddress::isIpv6LinkLocal() const {
  return family == AddressFamily::kIpv6 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

std::uint64_t IpAddress::high() const {
  return family == AddressFamily::kIpv4 ? 0 : loadBigEndian(bytes.data(), 8);
}

std::uint64_t IpAddress::low() const {
  return family == AddressFamily::kIpv4 ? loadBigEndian(bytes.data(), 4)
                                        : loadBigEndian(bytes.data() + 8, 8);
}

IpAddress IpAddress::fromHalves(AddressFamily family, std::uint64_t high, std::uint64_t low) {
  IpAddress address;
  address.family = family;
  if (family == AddressFamily::kIpv4) {
    storeBigEndian(low, address.bytes.data(), 4);
  } else {
    storeBigEndian(high, address.bytes.data(), 8);
    storeBigEndian(low, address.bytes.data() + 8, 8);
  }
  return address;
}

IpAddress IpAddress::fromIpv4(const in_addr& address) {
  IpAddress result;
  std::memcpy(result.bytes.data(), &address, sizeof(address));
  return result;
}

IpAddress IpAddress::fromIpv6(const in6_addr& address) {
  IpAddress result;
  result.family = AddressFamily::kIpv6;
  std::memcpy(result.bytes.data(), &address, sizeof(address));
  return result;
}

in_addr IpAddress::toIpv4() const {
  in_addr address{};
  std::memcpy(&address, bytes.data(), sizeof(address));
  return address;
}

in6_addr IpAddress::toIpv6() const {
  in6_addr address{};
  std::memcpy(&address, bytes.data(), sizeof(address));
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (const auto address = parseIpv4(text)) {
    return address;
  }
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr ipv6{};
  if (::inet_pton(AF_INET6, terminated.data(), &ipv6) == 1) {
    return fromIpv6(ipv6);
  }
  return std::nullopt;
}

std::string IpAddress::toString() const {
  if (family == AddressFamily::kIpv4) {
    return std::to_string(bytes[0]) + '.' + std::to_string(bytes[1]) + '.' +
           std::to_string(bytes[2]) + '.' + std::to_string(bytes[3]);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(socketFamily(family), bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace holdfast
