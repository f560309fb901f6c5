// Netlink datagrams. They come from the kernel, and are bounds-checked all the same.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "privd/broker/netlink_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::max_align_t> aligned(size / sizeof(std::max_align_t) + 1);
  if (size != 0) {
    std::memcpy(aligned.data(), data, size);
  }
  holdfast::privd::readNetlink(std::as_writable_bytes(std::span(aligned)).first(size),
                               [](const holdfast::privd::NetlinkMessage&) {});
  return 0;
}
