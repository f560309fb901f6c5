// Datagrams of IPVS' generic netlink family. They come from the kernel, and are bounds-checked all
// the same.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "privd/broker/ipvs/replies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  constexpr std::uint16_t kFamily = 0x21;
  std::vector<std::max_align_t> aligned(size / sizeof(std::max_align_t) + 1);
  if (size != 0) {
    std::memcpy(aligned.data(), data, size);
  }
  privd::ipvs::readReplies(std::as_writable_bytes(std::span(aligned)).first(size), kFamily,
                           AddressFamily::kIpv4, [](privd::ipvs::Reply&) {});
  return 0;
}
