// What a name server answers, and a question about any name.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "checkd/dns_message.h"

namespace {

using namespace holdfast::checkd;

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kBehindName = 4;

// Labels of 1 to 63 bytes, the root, and the type and class behind them.
bool isQuestion(const std::vector<std::uint8_t>& query) {
  std::size_t at = kHeaderBytes;
  while (at < query.size() && query[at] != 0) {
    if (query[at] > 63) {
      return false;
    }
    at += std::size_t{query[at]} + 1;
  }
  return at + 1 + kBehindName == query.size() && at + 1 - kHeaderBytes <= kMaxNameBytes;
}

}  // namespace

// Two bytes of the id that was asked with, then the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto id = static_cast<std::uint16_t>(data[0] << 8U | data[1]);
  const std::span<const std::uint8_t> message(data + 2, size - 2);
  const DnsJudgement judged = judgeDnsAnswer(id, message);
  const bool isPrintable =
      std::ranges::all_of(judged.why, [](char c) { return c >= ' ' && c <= '~'; });
  const bool isOurs = message.size() >= kHeaderBytes && message[0] == data[0] &&
                      message[1] == data[1] && (message[2] & 0x80U) != 0;
  if (isOurs == (judged.answer == DnsAnswer::kNotOurs) || judged.why.size() > 200 || !isPrintable ||
      judged.why.empty() == (judged.answer == DnsAnswer::kBad) ||
      (judged.answer == DnsAnswer::kGood && (message[3] & 0x0fU) != 0)) {
    std::abort();
  }
  const std::string_view name(reinterpret_cast<const char*>(message.data()), message.size());
  const auto query = dnsQuery(id, name, id);
  if (!isQuestion(query) || judgeDnsAnswer(id, query).answer != DnsAnswer::kNotOurs) {
    std::abort();
  }
  return 0;
}
