// rtnetlink messages (rtnetlink(7)): the few that the broker writes and the few that it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "privd/broker/kernel.h"
#include "privd/broker/message_writer.h"

namespace holdfast::privd {

// Messages for one send(2), in order.
class NetlinkBatch {
 public:
  void change(Change change, const Placement& placement, std::uint32_t sequence, bool acknowledge);
  void dumpLinks(std::uint32_t sequence);
  void dumpAddresses(std::uint32_t sequence);
  void getLink(int index, std::uint32_t sequence);
  void setPromoteSecondaries(int index, bool promote, std::uint32_t sequence);

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

// One message as read.
struct NetlinkMessage {
  enum class Kind : std::uint8_t {
    kLink,
    kLinkGone,
    kAddress,
    kAddressGone,
    kAnswer,  // an acknowledgement or an error: `error` is 0 or an errno value
    kDone,    // the end of a dump
    kOther,
  };
  Kind kind = Kind::kOther;
  std::uint32_t sequence = 0;
  bool interrupted = false;  // NLM_F_DUMP_INTR: the dump is inconsistent
  int error = 0;
  Link link;
  bool promotesSecondaries = false;
  bool forwardsIpv6 = false;
  LinkAddress address;
};

// Calls `found` for each whole message of a datagram. What is malformed or of no interest is
// skipped. `datagram` has to be aligned as a nlmsghdr.
void readNetlink(std::span<std::byte> datagram,
                 const std::function<void(const NetlinkMessage&)>& found);

}  // namespace holdfast::privd
