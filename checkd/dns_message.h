// The message that DNS_CHECK sends, and what counts of its answer (RFC 1035, 4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::checkd {

// One question of class IN, recursion desired. A label is at most 63 bytes long, a name 255: what
// is more is cut. "." is the root.
[[nodiscard]] std::vector<std::uint8_t> dnsQuery(std::uint16_t id, std::string_view name,
                                                 std::uint16_t type);

enum class DnsAnswer : std::uint8_t {
  kGood,
  kNotOurs,  // to another question, or no answer at all: whoever waits goes on waiting
  kBad,
};
struct DnsJudgement {
  DnsAnswer answer = DnsAnswer::kNotOurs;
  std::string why;  // of kBad
};

[[nodiscard]] DnsJudgement judgeDnsAnswer(std::uint16_t id, std::span<const std::uint8_t> message);

}  // namespace holdfast::checkd
