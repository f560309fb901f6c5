// What comes in on a socket for echo replies: only what ends as the request does is a reply to it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "checkd/echo_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  constexpr std::uint64_t kToken = 0x0807060504030201;
  constexpr std::size_t kSequenceAt = 6;
  const std::span<const std::uint8_t> message(data, size);
  for (const AddressFamily family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    if (!checkd::isEchoReply(family, kToken, message)) {
      continue;
    }
    const auto request = checkd::echoRequest(family, kToken);
    const auto expected = std::span(request).subspan(kSequenceAt);
    if (size < request.size() || !std::ranges::equal(message.last(expected.size()), expected)) {
      std::abort();
    }
  }
  return 0;
}
