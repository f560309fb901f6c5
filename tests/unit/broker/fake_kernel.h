// A kernel for the broker's tests and its fuzzer: it remembers, and refuses what it is told to.
#pragma once

#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "privd/broker/kernel.h"
#include "privd/broker/netlink_codec.h"

namespace holdfast::privd {

class FakeKernel final : public Kernel {
 public:
  using Key = std::tuple<int, IpAddress, std::uint8_t>;

  std::vector<int> put(std::span<const Placement> placements) override {
    std::vector<int> results;
    for (const Placement& placement : placements) {
      ++adds;
      order.push_back("+" + textOf(placement));
      results.push_back(add(placement));
    }
    return results;
  }
  std::vector<int> remove(std::span<const Placement> placements) override {
    std::vector<int> results;
    for (const Placement& placement : placements) {
      ++removes;
      order.push_back("-" + textOf(placement));
      results.push_back(removeError != 0 ? removeError : erase(placement));
    }
    return results;
  }
  Result<std::size_t> removeMarked() override {
    ++sweeps;
    return leftovers;
  }
  Result<LinkSnapshot> snapshot() override {
    ++snapshots;
    if (snapshotError != 0) {
      return Error{"snapshot", snapshotError};
    }
    LinkSnapshot result;
    result.links = links;
    result.addresses = others;
    for (const auto& [index, address, prefixLength] : present) {
      result.addresses.push_back({index, address, prefixLength, 0, 0});
    }
    return result;
  }
  Result<Link> makeLink(const LinkPlan& plan) override {
    if (linkError != 0) {
      return Error{"refused", linkError};
    }
    order.push_back("+link " + plan.name);
    links.push_back({.index = nextLink++,
                     .name = plan.name,
                     .mtu = 1500,
                     .mac = plan.nature.mac,
                     .parent = plan.parent,
                     .kind = plan.nature.kind,
                     .group = plan.group.value_or(0)});
    return links.back();
  }
  Status setUp(int index) override {
    constexpr std::uint32_t kUpAndRunning = 0x1 | 0x40;
    order.push_back("up " + std::to_string(index));
    if (setUpError != 0) {
      return Error{"refused", setUpError};
    }
    for (Link& link : links) {
      link.flags |= link.index == index ? kUpAndRunning : 0;
    }
    return success();
  }
  Status setVrf(int index, int vrf) override {
    order.push_back("vrf " + std::to_string(vrf) + " " + std::to_string(index));
    for (Link& link : links) {
      link.vrf = link.index == index ? vrf : link.vrf;
    }
    return success();
  }
  Status removeLink(int index) override {
    const auto gone = std::erase_if(links, [&](const Link& link) { return link.index == index; });
    order.push_back("-link " + std::to_string(index));
    return gone != 0 ? success() : Status(Error{"a link", ENODEV});
  }
  Result<UniqueFd> openReceiveSocket(const ReceiveSocketPlan& plan) override {
    receivePlans.push_back(plan);
    return open();
  }
  Result<SendSocket> openSendSocket(const SendSocketPlan& plan) override {
    sendPlans.push_back(plan);
    Result<UniqueFd> fd = open();
    if (!fd) {
      return fd.error();
    }
    return SendSocket{std::move(fd).value(), identification};
  }
  int sendFrame(int index, std::span<const std::uint8_t> frame) override {
    frames.emplace_back(index, std::vector<std::uint8_t>(frame.begin(), frame.end()));
    return 0;
  }
  Status setFirewall(const FirewallTable& table, const Barrier* before,
                     const Barrier& after) override {
    firewalls.push_back({table, before == nullptr, after});
    if (onFirewall) {
      onFirewall();
    }
    return firewallError == 0 ? success() : Status(Error{"refused", firewallError});
  }
  bool hasFirewall(const FirewallTable&) override { return isFirewallThere; }
  Status removeFirewall(const FirewallTable&) override {
    ++firewallsRemoved;
    return success();
  }
  bool forwardsIpv6(int) override { return false; }
  Result<std::uint32_t> setting(int index, Setting setting) override {
    return settings[{index, setting}];
  }
  Status set(int index, Setting setting, std::uint32_t value) override {
    settings[{index, setting}] = value;
    return success();
  }
  [[nodiscard]] std::set<int> promoting() const {
    std::set<int> devices;
    for (const auto& [key, value] : settings) {
      if (key.second == Setting::kPromoteSecondaries && value != 0) {
        devices.insert(key.first);
      }
    }
    return devices;
  }

  [[nodiscard]] bool has(int index, const char* address, std::uint8_t prefixLength) const {
    return present.contains({index, *IpAddress::parse(address), prefixLength});
  }
  [[nodiscard]] bool routes(const std::string& text) const { return routing.contains(text); }
  // Someone else deletes it; the message that says so is for Broker::news().
  NetlinkMessage deleteBehindItsBack(int index, const char* address, std::uint8_t prefixLength) {
    present.erase({index, *IpAddress::parse(address), prefixLength});
    NetlinkMessage message;
    message.kind = NetlinkMessage::Kind::kAddressGone;
    message.address = {index, *IpAddress::parse(address), prefixLength, 0, 0};
    return message;
  }

  std::vector<Link> links;
  std::vector<LinkAddress> others;  // addresses that are not ours
  std::set<Key> present;
  int nextLink = 40;  // the index of the next one that is made
  int linkError = 0;
  int setUpError = 0;
  int addError = 0;
  int removeError = 0;
  int snapshotError = 0;
  int openError = 0;
  std::set<std::string> routing;   // routes and rules, as textOf() has them
  std::vector<std::string> order;  // what was asked for: "+10.0.0.1/24", "-route ..."
  std::set<std::string> refused;   // these are answered with addError, others are not
  std::size_t leftovers = 0;
  unsigned sweeps = 0;
  unsigned adds = 0;
  unsigned removes = 0;
  unsigned snapshots = 0;
  std::vector<std::pair<int, std::vector<std::uint8_t>>> frames;
  std::vector<ReceiveSocketPlan> receivePlans;
  struct SetFirewall {
    FirewallTable table;
    bool replacesAll = false;
    Barrier barrier;
  };
  std::vector<SetFirewall> firewalls;
  std::function<void()> onFirewall;
  int firewallError = 0;
  int firewallsRemoved = 0;
  bool isFirewallThere = true;
  std::uint16_t identification = 0;  // of the sockets that it makes
  std::vector<SendSocketPlan> sendPlans;
  std::map<std::pair<int, Setting>, std::uint32_t> settings;

 private:
  static Key keyOf(const Placement& placement) {
    const VirtualAddress& address = *std::get<const VirtualAddress*>(placement.object);
    return {placement.devices->indexOf(address.interface), address.address, address.prefixLength};
  }
  static bool isAddress(const Placement& placement) {
    return std::holds_alternative<const VirtualAddress*>(placement.object);
  }
  int erase(const Placement& placement) {
    if (isAddress(placement)) {
      return present.erase(keyOf(placement)) != 0 ? 0 : EADDRNOTAVAIL;
    }
    const bool isRoute = std::holds_alternative<const Route*>(placement.object);
    return routing.erase(textOf(placement)) != 0 ? 0 : isRoute ? ESRCH : ENOENT;
  }
  int add(const Placement& placement) {
    if (addError != 0 && (refused.empty() || refused.contains(textOf(placement)))) {
      return addError;
    }
    if (!isAddress(placement)) {
      return routing.insert(textOf(placement)).second ? 0 : EEXIST;
    }
    const bool there = std::any_of(links.begin(), links.end(),
                                   [index = std::get<int>(keyOf(placement))](const Link& link) {
                                     return link.index == index;
                                   });
    if (!there) {
      return ENODEV;
    }
    return present.insert(keyOf(placement)).second ? 0 : EEXIST;
  }
  Result<UniqueFd> open() const {
    if (openError != 0) {
      return Error{"socket", openError};
    }
    return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
};

// Every interface is this device.
class OneDevice final : public Devices {
 public:
  explicit OneDevice(int index, std::string name = "e0", std::uint32_t table = 0)
      : index_(index), name_(std::move(name)), table_(table) {}
  int indexOf(InterfaceId) const override { return index_; }
  const std::string& nameOf(InterfaceId) const override { return name_; }
  std::uint32_t tableOf(InterfaceId) const override { return table_; }

 private:
  int index_;
  std::string name_;
  std::uint32_t table_;
};

inline VirtualAddress virtualAddress(const char* address, std::uint8_t prefixLength,
                                     std::uint32_t interface = 0) {
  VirtualAddress result;
  result.address = *IpAddress::parse(address);
  result.prefixLength = prefixLength;
  result.interface = static_cast<InterfaceId>(interface);
  return result;
}

inline Route virtualRoute(const char* destination, std::uint8_t length, const char* gateway,
                          std::uint32_t interface = 0) {
  Route route;
  route.type = RTN_UNICAST;
  route.destination = *IpAddress::parse(destination);
  route.family = route.destination.family;
  route.destinationLength = length;
  route.table = RT_TABLE_MAIN;
  route.protocol = kProtocol;
  route.way.gateway = IpAddress::parse(gateway);
  route.way.interface = static_cast<InterfaceId>(interface);
  return route;
}

inline Rule virtualRule(const char* source, std::uint8_t length, std::uint32_t table,
                        std::uint32_t preference) {
  Rule rule;
  rule.source = *IpAddress::parse(source);
  rule.family = rule.source->family;
  rule.sourceLength = length;
  rule.action = FR_ACT_TO_TBL;
  rule.table = table;
  rule.preference = preference;
  rule.protocol = kProtocol;
  return rule;
}

// e0 (number 2) and e1 (number 3); VI_1 on e0 with two addresses, VI_2 unicast on e0 with one of
// them in common and one of its own on e1.
inline Configuration twoInstances() {
  Configuration config;
  config.interfaces = {"e0", "e1"};
  Instance first;
  first.name = "VI_1";
  first.virtualRouterId = 10;
  first.interface = InterfaceId{0};
  first.group = *IpAddress::parse("224.0.0.18");
  first.addresses = {virtualAddress("10.9.0.101", 24), virtualAddress("10.9.0.102", 32)};
  first.masterRepeat = 5;
  first.lowerPriorityRepeat = 3;
  first.refreshRepeat = 1;
  Instance second;
  second.name = "VI_2";
  second.virtualRouterId = 11;
  second.interface = InterfaceId{0};
  second.source = *IpAddress::parse("10.9.0.1");
  second.peers = {*IpAddress::parse("10.9.0.2"), *IpAddress::parse("10.9.0.3")};
  second.addresses = {virtualAddress("10.9.0.102", 32), virtualAddress("10.8.0.1", 24, 1)};
  config.instances = {first, second};
  return config;
}

inline void plugIn(FakeKernel& kernel) {
  constexpr std::uint32_t kUpAndRunning = 0x1 | 0x40;
  kernel.links = {{2, "e0", kUpAndRunning, 1500, MacAddress{2, 0, 0, 0, 0, 1}},
                  {3, "e1", kUpAndRunning, 1500, MacAddress{2, 0, 0, 0, 0, 2}}};
  kernel.others = {{2, *IpAddress::parse("10.9.0.1"), 24, 0, 0},
                   {2, *IpAddress::parse("fe80::1"), 64, 253, 0}};
}

}  // namespace holdfast::privd
