// The broker's edge to the kernel: everything that it can make the kernel do, and nothing else.
// LinuxKernel is the real one; the unit tests and the fuzzer put a fake in its place. Nothing here
// blocks.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/firewall.h"
#include "privd/broker/object.h"
#include "privd/broker/settings.h"

namespace holdfast::privd {

// A network interface as the kernel reports it.
struct Link {
  int index = 0;
  std::string name;
  std::uint32_t flags = 0;  // IFF_*
  std::uint32_t mtu = 0;
  std::optional<MacAddress> mac;  // none where frames cannot be announced on it
  std::uint32_t vrfTable = 0;     // of a VRF: its routing table
  int parent = 0;                 // the device that it was made on, 0 for none
  int vrf = 0;                    // the VRF that it is in, 0 for none
  std::optional<LinkKind> kind;   // where it is one that could be ours
  std::uint32_t group = 0;
};

[[nodiscard]] inline bool isOfNature(const Link& link, const LinkNature& nature) {
  return link.kind == nature.kind && (!nature.mac || link.mac == nature.mac);
}

// An address of an interface as the kernel reports it.
struct LinkAddress {
  int index = 0;
  IpAddress address;
  std::uint8_t prefixLength = 0;
  std::uint8_t scope = 0;
  std::uint32_t flags = 0;  // IFA_F_*

  friend bool operator==(const LinkAddress&, const LinkAddress&) = default;
};

struct LinkSnapshot {
  std::vector<Link> links;
  std::vector<LinkAddress> addresses;
};

using VirtualRouterIds = std::bitset<256>;

// A socket that receives the advertisements for all virtual routers that listen in one place.
struct ReceiveSocketPlan {
  AddressFamily family = AddressFamily::kIpv4;
  VirtualRouterIds virtualRouterIds;
  int index = 0;                   // 0: not bound to a device (unicast without an interface)
  std::optional<IpAddress> group;  // joined on `index`
  std::uint32_t bufferBytes = 0;   // of those that say how much; 0: of the system's default
  std::uint32_t unsized = 1;       // how many of them do not say how much
  bool authenticationHeader = false;
};

// A socket that can send to one destination only.
struct SendSocketPlan {
  AddressFamily family = AddressFamily::kIpv4;
  int index = 0;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 255;
  bool authenticationHeader = false;
  bool isOnAnother = false;  // `source` is an address of another device
};

struct SendSocket {
  UniqueFd fd;
  // With an authentication header: the IP identification of the last packet. The kernel counts on.
  std::uint16_t identification = 0;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // In this order. One errno value for each placement, 0 for success.
  [[nodiscard]] virtual std::vector<int> put(std::span<const Placement> placements) = 0;
  [[nodiscard]] virtual std::vector<int> remove(std::span<const Placement> placements) = 0;
  [[nodiscard]] virtual Result<LinkSnapshot> snapshot() = 0;
  // Removes every address, route, rule and VMAC that has our mark; none where another daemon with
  // this mark is in the network namespace. How many there were.
  [[nodiscard]] virtual Result<std::size_t> removeMarked() = 0;

  // Makes a VMAC or an ipvlan, or takes one that is there, and gives it its settings. As the kernel
  // reports it then. EEXIST: the name is another's.
  [[nodiscard]] virtual Result<Link> makeLink(const LinkPlan& plan) = 0;
  [[nodiscard]] virtual Status setUp(int index) = 0;
  // Puts it into a VRF, or takes it out of one (0).
  [[nodiscard]] virtual Status setVrf(int index, int vrf) = 0;
  [[nodiscard]] virtual Status removeLink(int index) = 0;

  [[nodiscard]] virtual Result<UniqueFd> openReceiveSocket(const ReceiveSocketPlan& plan) = 0;
  [[nodiscard]] virtual Result<SendSocket> openSendSocket(const SendSocketPlan& plan) = 0;

  // Sends one Ethernet frame; 0 or an errno value.
  [[nodiscard]] virtual int sendFrame(int index, std::span<const std::uint8_t> frame) = 0;

  // From what `before` says to what `after` says, or not at all; where `before` is null, whatever
  // there is of the table goes first.
  [[nodiscard]] virtual Status setFirewall(const FirewallTable& table, const Barrier* before,
                                           const Barrier& after) = 0;
  // Whether nobody has removed what was set last.
  [[nodiscard]] virtual bool hasFirewall(const FirewallTable& table) = 0;
  [[nodiscard]] virtual Status removeFirewall(const FirewallTable& table) = 0;

  [[nodiscard]] virtual bool forwardsIpv6(int index) = 0;
  [[nodiscard]] virtual Result<std::uint32_t> setting(int index, Setting setting) = 0;
  [[nodiscard]] virtual Status set(int index, Setting setting, std::uint32_t value) = 0;
};

}  // namespace holdfast::privd
