// rtnetlink messages (rtnetlink(7)): the few that the broker writes and the few that it reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "privd/broker/kernel.h"
#include "privd/broker/message_writer.h"

namespace holdfast::privd {

using SettingValues = std::vector<std::pair<Setting, std::uint32_t>>;

// Messages for one send(2), in order.
class NetlinkBatch {
 public:
  void change(Change change, const Placement& placement, std::uint32_t sequence);
  void dumpLinks(std::uint32_t sequence);
  void dumpAddresses(std::uint32_t sequence);
  void getLink(int index, std::uint32_t sequence);
  void getLinkNamed(const std::string& name, std::uint32_t sequence);
  void createLink(const LinkPlan& plan, std::uint32_t group, std::uint32_t sequence);
  // Our mark, and the settings of a VMAC or an ipvlan.
  void prepareLink(int index, std::uint32_t sequence);
  void setUp(int index, std::uint32_t sequence);
  void setVrf(int index, int vrf, std::uint32_t sequence);
  void removeLink(int index, std::uint32_t sequence);
  // Routes (RTM_GETROUTE) with our mark, or all rules (RTM_GETRULE).
  void dumpRoutes(AddressFamily family, std::uint32_t sequence);
  void dumpRules(AddressFamily family, std::uint32_t sequence);
  // The object that a message of a dump shows is to go.
  void removeShown(std::span<const std::byte> message, std::uint32_t sequence);
  void set(int index, const SettingValues& values, std::uint32_t sequence);

  // The kernel answers to the last message also when all is well.
  void acknowledgeLast();

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  void append(const MessageWriter& message, std::uint32_t sequence);

  std::vector<std::byte> bytes_;
  std::size_t last_ = 0;  // where the last message begins
};

// What tells of a route and of a rule that they may be one of ours.
struct RouteNews {
  AddressFamily family = AddressFamily::kIpv4;
  IpAddress destination;
  std::uint8_t destinationLength = 0;
};
struct RuleNews {
  AddressFamily family = AddressFamily::kIpv4;
  std::uint32_t preference = 0;
};

// One message as read.
struct NetlinkMessage {
  enum class Kind : std::uint8_t {
    kLink,
    kLinkGone,
    kAddress,
    kAddressGone,
    kRoute,
    kRouteGone,  // or replaced by another
    kRule,
    kRuleGone,
    kAnswer,  // an acknowledgement or an error: `error` is 0 or an errno value
    kDone,    // the end of a dump
    kOther,
  };
  Kind kind = Kind::kOther;
  std::uint32_t sequence = 0;
  bool interrupted = false;  // NLM_F_DUMP_INTR: the dump is inconsistent
  int error = 0;
  Link link;
  std::array<std::uint32_t, kSettings> settings{};  // kLink: by Setting
  bool forwardsIpv6 = false;
  LinkAddress address;
  RouteNews route;
  RuleNews rule;
  bool marked = false;               // kLink, kAddress, kRoute, kRule: it has our mark
  std::span<const std::byte> whole;  // valid during the call
};

// Calls `found` for each whole message of a datagram. What is malformed or of no interest is
// skipped. `datagram` has to be aligned as a nlmsghdr.
void readNetlink(std::span<std::byte> datagram,
                 const std::function<void(const NetlinkMessage&)>& found);

}  // namespace holdfast::privd
