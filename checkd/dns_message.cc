#include "checkd/dns_message.h"

#include <algorithm>
#include <array>

#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint8_t kResponse = 0x80;  // QR, in the third byte
constexpr std::uint8_t kCode = 0x0f;      // RCODE, in the fourth

constexpr std::array<std::string_view, 6> kCodes{"NOERROR",  "FORMERR", "SERVFAIL",
                                                 "NXDOMAIN", "NOTIMP",  "REFUSED"};

void append(std::vector<std::uint8_t>& out, std::uint16_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8U));
  out.push_back(static_cast<std::uint8_t>(number & 0xffU));
}

}  // namespace

std::vector<std::uint8_t> dnsQuery(std::uint16_t id, std::string_view name, std::uint16_t type) {
  std::vector<std::uint8_t> query;
  append(query, id);
  append(query, kRecursionDesired);
  for (const int count : {1, 0, 0, 0}) {
    append(query, static_cast<std::uint16_t>(count));
  }
  name = name.substr(0, kMaxName);
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, std::min(dot, kMaxLabel));
    if (!label.empty()) {
      query.push_back(static_cast<std::uint8_t>(label.size()));
      query.insert(query.end(), label.begin(), label.end());
    }
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  query.push_back(0);
  append(query, type);
  append(query, kClassIn);
  return query;
}

DnsJudgement judgeDnsAnswer(std::uint16_t id, std::span<const std::uint8_t> message) {
  if (message.size() < kHeaderBytes || message[0] != id >> 8U || message[1] != (id & 0xffU) ||
      (message[2] & kResponse) == 0) {
    return {};
  }
  const std::size_t code = message[3] & kCode;
  if (code == 0) {
    return {DnsAnswer::kGood, {}};
  }
  return {DnsAnswer::kBad, concat("the answer is ", code < kCodes.size() ? std::string(kCodes[code])
                                                                         : concat("RCODE ", code))};
}

}  // namespace holdfast::checkd
