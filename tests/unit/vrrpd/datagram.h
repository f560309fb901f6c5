// IPv4 datagrams as a raw socket delivers them, with any field wrong.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vrrpd/authentication.h"
#include "vrrpd/packet.h"

namespace holdfast::vrrpd {

inline IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

// A password as it is sealed: filled up with zeros.
inline std::shared_ptr<const Secret> password(std::string_view text) {
  std::array<std::uint8_t, kAuthDataBytes> padded{};
  std::ranges::copy(text, padded.begin());
  return Secret::keep(padded);
}

struct Datagram {
  IpAddress source = ip("10.9.0.9");
  IpAddress destination = ip("224.0.0.18");
  std::uint8_t ttl = 255;
  std::uint8_t protocol = kIpProtocolVrrp;
  int totalLengthError = 0;
  Version version = Version::kV2;
  std::uint8_t virtualRouterId = 10;
  std::uint8_t priority = 200;
  Duration interval = std::chrono::seconds(1);
  std::vector<IpAddress> addresses{ip("10.9.0.100")};
  ChecksumStyle style = ChecksumStyle::kPseudoHeader;
  // Fields of the VRRP header to overwrite; the checksum is made right again afterwards.
  std::vector<std::pair<std::size_t, std::uint8_t>> patches;
  bool breakChecksum = false;
  int lengthError = 0;  // bytes to append (or cut) after all
  Authentication authentication;
  std::uint32_t sequence = 1;
  std::uint16_t identification = 0;

  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    std::array<std::uint8_t, kMaxPduBytes> buffer{};
    const auto pdu = encodeAdvertisement({.version = version,
                                          .virtualRouterId = virtualRouterId,
                                          .priority = priority,
                                          .interval = interval,
                                          .addresses = addresses,
                                          .authType = authentication.type,
                                          .authData = authentication.password()},
                                         source, destination, style, buffer);
    std::vector<std::uint8_t> all(20 + pdu.size());
    std::copy(pdu.begin(), pdu.end(), all.begin() + 20);
    patch(all);
    all.resize(all.size() + static_cast<std::size_t>(lengthError));
    const auto total = static_cast<std::uint16_t>(static_cast<int>(all.size()) + totalLengthError);
    all[0] = 0x45;
    all[2] = static_cast<std::uint8_t>(total >> 8);
    all[3] = static_cast<std::uint8_t>(total & 0xff);
    all[8] = ttl;
    all[9] = protocol;
    std::copy_n(source.bytes.begin(), 4, all.begin() + 12);
    std::copy_n(destination.bytes.begin(), 4, all.begin() + 16);
    if (authentication.hasHeader()) {
      insertAuthHeader(all);
    }
    return all;
  }

 private:
  void insertAuthHeader(std::vector<std::uint8_t>& all) const {
    std::array<std::uint8_t, kAuthHeaderBytes> header{};
    writeAuthHeader(*authentication.key, {identification, sequence}, source, destination,
                    std::span(all).subspan(20), header);
    all.insert(all.begin() + 20, header.begin(), header.end());
    all[3] = static_cast<std::uint8_t>(all[3] + header.size());
    all[4] = static_cast<std::uint8_t>(identification >> 8);
    all[5] = static_cast<std::uint8_t>(identification & 0xff);
    all[9] = kIpProtocolAuthHeader;
  }

  // A patch of an even byte moves the checksum by 256 times its difference, RFC 1624.
  void patch(std::vector<std::uint8_t>& all) const {
    std::uint32_t sum = static_cast<std::uint16_t>(~(all[26] << 8 | all[27]));
    for (const auto& [offset, value] : patches) {
      std::uint8_t& byte = all[20 + offset];
      const std::uint32_t weight = offset % 2 == 0 ? 256 : 1;
      sum += weight * value + 0xffff - weight * byte;
      byte = value;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    const auto checksum = static_cast<std::uint16_t>(~sum ^ (breakChecksum ? 0x5555U : 0U));
    all[26] = static_cast<std::uint8_t>(checksum >> 8);
    all[27] = static_cast<std::uint8_t>(checksum & 0xff);
  }
};

}  // namespace holdfast::vrrpd
