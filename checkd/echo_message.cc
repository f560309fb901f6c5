#include "checkd/echo_message.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <algorithm>

#include "checkd/usual_text.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kChecksumAt = 2;
constexpr std::size_t kSequenceAt = 6;
constexpr std::size_t kPayloadBytes = 128;
constexpr std::size_t kTokenBytes = 8;
constexpr std::size_t kIpv4HeaderBytes = 20;

// RFC 1071.
std::uint16_t checksumOf(std::span<const std::uint8_t> message) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < message.size(); i += 2) {
    sum += static_cast<std::uint32_t>(message[i] << 8U | message[i + 1]);
  }
  while (sum >> 16U != 0) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(~sum);
}

std::uint8_t tokenByte(std::uint64_t token, std::size_t at) {
  return static_cast<std::uint8_t>(token >> 8 * at);
}

}  // namespace

std::vector<std::uint8_t> echoRequest(AddressFamily family, std::uint64_t token) {
  std::vector<std::uint8_t> message(kHeaderBytes);
  message[0] =
      family == AddressFamily::kIpv4 ? std::uint8_t{ICMP_ECHO} : std::uint8_t{ICMP6_ECHO_REQUEST};
  message[kSequenceAt] = tokenByte(token, 0);
  message[kSequenceAt + 1] = tokenByte(token, 1);
  std::ranges::copy(usualText(kPayloadBytes), std::back_inserter(message));
  for (std::size_t i = 0; i < kTokenBytes; ++i) {
    message[kHeaderBytes + i] = tokenByte(token, i);
  }
  if (family == AddressFamily::kIpv4) {
    const std::uint16_t checksum = checksumOf(message);
    message[kChecksumAt] = static_cast<std::uint8_t>(checksum >> 8U);
    message[kChecksumAt + 1] = static_cast<std::uint8_t>(checksum & 0xffU);
  }
  return message;
}

bool isEchoReply(AddressFamily family, std::uint64_t token, std::span<const std::uint8_t> message) {
  const bool isIpv4 = family == AddressFamily::kIpv4;
  if (isIpv4 && !message.empty() && message[0] >> 4U == 4) {
    const std::size_t header = std::size_t{message[0] & 0xfU} * 4;
    if (header < kIpv4HeaderBytes || message.size() < header) {
      return false;
    }
    message = message.subspan(header);
  }
  const std::uint8_t type = isIpv4 ? std::uint8_t{ICMP_ECHOREPLY} : std::uint8_t{ICMP6_ECHO_REPLY};
  if (message.size() != kHeaderBytes + kPayloadBytes || message[0] != type || message[1] != 0) {
    return false;
  }
  const std::vector<std::uint8_t> request = echoRequest(family, token);
  return std::ranges::equal(message.subspan(kSequenceAt), std::span(request).subspan(kSequenceAt));
}

}  // namespace holdfast::checkd
