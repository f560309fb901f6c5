// One rtnetlink request under construction (netlink(7)).
#pragma once

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ipc/ip_address.h"

namespace holdfast::privd {

// RTPROT_KEEPALIVED: the mark of what is ours, on addresses (kernels before 5.18 ignore it), routes
// and rules.
inline constexpr std::uint8_t kProtocol = 18;

enum class Change : std::uint8_t { kAdd, kRemove };

// Without memory for it, it stays empty.
class MessageWriter {
 public:
  static constexpr std::size_t kUsualBytes = 512;

  // `capacity` has room for everything that is put in: no put can fail.
  MessageWriter(int type, int flags, std::size_t capacity = kUsualBytes);

  template <typename Header>
  void header(const Header& header) {
    if (message_) {
      Header copy = header;
      nlmsg_append(message_.get(), &copy, sizeof(copy), NLMSG_ALIGNTO);
    }
  }
  void put(int type, const void* data, std::size_t size);
  void put(int type, const IpAddress& address) { put(type, address.bytes.data(), address.size()); }
  template <typename Value>
  void putValue(int type, Value value) {
    put(type, &value, sizeof(value));
  }
  template <typename Body>
  void nest(int type, Body&& body) {
    nlattr* nested = message_ ? nla_nest_start(message_.get(), type) : nullptr;
    if (nested != nullptr) {
      body();
      nla_nest_end(message_.get(), nested);
    }
  }
  // A header of its own with attributes behind it, in a list of such, as rtnexthop.
  template <typename Header, typename Body>
  void element(const Header& header, Body&& body) {
    auto* place =
        message_
            ? static_cast<Header*>(nlmsg_reserve(message_.get(), sizeof(header), NLMSG_ALIGNTO))
            : nullptr;
    if (place != nullptr) {
      *place = header;
      body();
      place->rtnh_len = static_cast<std::uint16_t>(
          static_cast<const char*>(nlmsg_tail(nlmsg_hdr(message_.get()))) -
          reinterpret_cast<const char*>(place));
    }
  }
  void appendTo(std::vector<std::byte>& bytes, std::uint32_t sequence) const;

 private:
  struct Free {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
  };
  std::unique_ptr<nl_msg, Free> message_;
};

}  // namespace holdfast::privd
