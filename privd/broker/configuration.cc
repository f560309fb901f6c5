#include "privd/broker/configuration.h"

#include <linux/if_addr.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "ipc/kj_edge.h"
#include "privd/broker/sealed_values.h"

namespace holdfast::privd {
namespace {

constexpr std::uint32_t kAllowedFlags =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
constexpr std::size_t kMaxName = 255;

// The kernel's rule for device names, and nothing that could upset a terminal.
bool validInterfaceName(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

// Options of a virtual address that are addresses themselves.
Status readCompanions(schema::VirtualAddress::Reader source, VirtualAddress& address) {
  if (source.getHasBroadcast()) {
    const Result<IpAddress> broadcast = readAddress(source.getBroadcast());
    if (!broadcast || broadcast->family != AddressFamily::kIpv4 ||
        address.address.family != AddressFamily::kIpv4) {
      return Error{"a broadcast address that is not IPv4"};
    }
    address.broadcast = *broadcast;
  }
  if (source.getHasPeer()) {
    const Result<IpAddress> peer =
        readUnicast(source.getPeer(), address.address.family, "the peer of a virtual address");
    if (!peer) {
      return peer.error();
    }
    address.peer = *peer;
  }
  return success();
}

// What an object may name.
struct Known {
  std::size_t interfaces = 0;
  const std::vector<VirtualLink>& links;  // LinkId is the index
};

constexpr LinkKind kIpvlanKinds[] = {LinkKind::kIpvlanBridge, LinkKind::kIpvlanPrivate,
                                     LinkKind::kIpvlanVepa};  // as schema::Link::IpvlanMode

Result<LinkNature> readNature(schema::Link::Reader source) {
  if (source.getKind() == schema::Link::Kind::IPVLAN) {
    const auto mode = static_cast<std::size_t>(source.getIpvlanMode());
    if (mode >= std::size(kIpvlanKinds)) {
      return Error{"an ipvlan is of a mode that does not exist"};
    }
    return LinkNature{kIpvlanKinds[mode], std::nullopt};
  }
  if (source.getKind() != schema::Link::Kind::VMAC) {
    return Error{"a link is neither a VMAC nor an ipvlan"};
  }
  const std::uint64_t number = source.getMacAddress();
  MacAddress mac{};
  for (std::size_t i = 0; i < mac.size(); ++i) {
    mac[i] = static_cast<std::uint8_t>(number >> 8 * (mac.size() - 1 - i));
  }
  constexpr std::uint8_t kMulticast = 1;
  if (number == 0 || number >> 8 * mac.size() != 0 || (mac[0] & kMulticast) != 0) {
    return Error{"a VMAC has no MAC address that an interface can have"};
  }
  return LinkNature{LinkKind::kVmac, mac};
}

Result<VirtualLink> readLink(schema::Link::Reader source, std::size_t interfaces) {
  if (source.getInterface() >= interfaces || source.getParent() >= interfaces ||
      source.getInterface() == source.getParent()) {
    return Error{"a link is of no interface"};
  }
  const Result<LinkNature> nature = readNature(source);
  if (!nature) {
    return nature.error();
  }
  VirtualLink link{.interface = idAt<InterfaceId>(source.getInterface()),
                   .parent = idAt<InterfaceId>(source.getParent()),
                   .nature = *nature};
  if (source.getHasGroup()) {
    link.group = source.getGroup();
  }
  return link;
}

// An ipvlan's own address is there like a static one.
Status readOwnAddress(schema::Link::Reader source, std::vector<VirtualAddress>& addresses) {
  if (!source.getHasAddress() || source.getKind() != schema::Link::Kind::IPVLAN) {
    return success();
  }
  const Result<IpAddress> address = readAddress(source.getAddress());
  if (!address || !validUnicast(*address) || source.getPrefixLength() > 8 * address->size()) {
    return Error{"the address of an ipvlan is none that an interface can have"};
  }
  addresses.push_back({.address = *address,
                       .prefixLength = source.getPrefixLength(),
                       .interface = idAt<InterfaceId>(source.getInterface()),
                       .flags = address->family == AddressFamily::kIpv6 ? IFA_F_NODAD : 0U});
  return success();
}

// The interface of a link, or `base` where there is none.
Result<InterfaceId> interfaceOf(bool hasLink, std::uint32_t link, InterfaceId base,
                                const Known& known) {
  if (!hasLink) {
    return base;
  }
  if (link >= known.links.size()) {
    return Error{"a link does not exist"};
  }
  return known.links[link].interface;
}

Result<VirtualAddress> readVirtualAddress(schema::VirtualAddress::Reader source,
                                          const Known& known) {
  VirtualAddress address;
  const Result<IpAddress> value = readAddress(source.getAddress());
  if (!value || !validUnicast(*value)) {
    return Error{"a virtual address is not a unicast address"};
  }
  address.address = *value;
  address.prefixLength = source.getPrefixLength();
  if (address.prefixLength > 8 * address.address.size()) {
    return Error{"prefix length out of range"};
  }
  if (source.getInterface() >= known.interfaces) {
    return Error{"a virtual address names an interface that does not exist"};
  }
  const Result<InterfaceId> interface =
      interfaceOf(source.getHasLink(), source.getLink(),
                  static_cast<InterfaceId>(source.getInterface()), known);
  if (!interface) {
    return interface.error();
  }
  address.interface = *interface;
  address.scope = source.getScope();
  address.label = std::string_view(source.getLabel().cStr(), source.getLabel().size());
  if (address.label.size() >= IFNAMSIZ || !printable(address.label)) {
    return Error{"a label is too long or not printable"};
  }
  address.flags = source.getFlags();
  if ((address.flags & ~kAllowedFlags) != 0) {
    return Error{"a virtual address has a flag that may not be set"};
  }
  address.preferredSeconds = source.getPreferredLifetimeSeconds();
  address.tracked = source.getTracked();
  address.onLink = source.getHasLink();
  if (Status group =
          readTrackGroup(source.getHasTrackGroup(), source.getTrackGroup(), address.trackGroup);
      !group) {
    return group.error();
  }
  if (Status companions = readCompanions(source, address); !companions) {
    return companions.error();
  }
  return address;
}

// Where advertisements go to and come from.
Status readDestinations(schema::BrokerInstance::Reader source, const Known& known,
                        Instance& instance) {
  if (source.getHasInterface()) {
    if (source.getInterface() >= known.interfaces) {
      return Error{"its interface does not exist"};
    }
    instance.interface = static_cast<InterfaceId>(source.getInterface());
    const Result<InterfaceId> speaksOn =
        interfaceOf(source.getHasLink() && !source.getTransmitBase(), source.getLink(),
                    *instance.interface, known);
    if (!speaksOn) {
      return speaksOn.error();
    }
    if (*speaksOn != *instance.interface) {
      instance.link = *speaksOn;
    }
  } else if (source.getHasVrf()) {
    if (source.getVrf() >= known.interfaces) {
      return Error{"its VRF does not exist"};
    }
    instance.link = idAt<InterfaceId>(source.getVrf());
  }
  if (source.getHasSource()) {
    const Result<IpAddress> address =
        readUnicast(source.getSource(), instance.family, "its source");
    if (!address) {
      return address.error();
    }
    instance.source = *address;
    instance.tracksSource = source.getTrackSource();
  }
  const auto peers = source.getPeers();
  if (peers.size() > kMaxPeers) {
    return Error{"too many unicast peers"};
  }
  for (const auto peer : peers) {
    const Result<IpAddress> address = readUnicast(peer, instance.family, "a peer");
    if (!address) {
      return address.error();
    }
    instance.peers.push_back(*address);
  }
  if (instance.unicast()) {
    return success();
  }
  const Result<IpAddress> group = readAddress(source.getGroup());
  if (!instance.interface || !group || group->family != instance.family || !group->isMulticast()) {
    return Error{"without unicast peers it needs an interface and a multicast group"};
  }
  instance.group = *group;
  return success();
}

bool areIntervals(std::uint64_t arpNs, std::uint64_t naNs) {
  constexpr auto kMaxNs = static_cast<std::uint64_t>(kMaxInterval.count());
  return arpNs <= kMaxNs && naNs <= kMaxNs;
}

Status readAnnouncements(schema::BrokerInstance::Reader source, Instance& instance) {
  instance.masterRepeat = source.getAnnounceMasterRepeat();
  instance.lowerPriorityRepeat = source.getAnnounceLowerPriorityRepeat();
  instance.refreshRepeat = source.getAnnounceRefreshRepeat();
  if (std::max({instance.masterRepeat, instance.lowerPriorityRepeat, instance.refreshRepeat}) >
      kMaxRepeat) {
    return Error{"too many repeats of an announcement"};
  }
  if (!areIntervals(source.getArpIntervalNs(), source.getNaIntervalNs())) {
    return Error{"an interval between announcements of more than a day"};
  }
  instance.announcesExtraAll = source.getAnnounceExtraAll();
  instance.arpInterval = Duration(source.getArpIntervalNs());
  instance.naInterval = Duration(source.getNaIntervalNs());
  return success();
}

Status readIdentity(schema::BrokerInstance::Reader source, Instance& instance) {
  instance.name = std::string_view(source.getName().cStr(), source.getName().size());
  if (instance.name.empty() || instance.name.size() > kMaxName || !printable(instance.name)) {
    return Error{"its name is empty, too long or not printable"};
  }
  const Result<AddressFamily> family = readFamily(source.getFamily());
  if (!family) {
    return family.error();
  }
  instance.family = *family;
  instance.virtualRouterId = source.getVirtualRouterId();
  instance.ttl = source.getTtl();
  if (instance.virtualRouterId == 0 || instance.ttl == 0) {
    return Error{"its virtual router id or its TTL is 0"};
  }
  instance.promoteSecondaries = source.getPromoteSecondaries();
  instance.receiveBufferBytes = source.getReceiveBufferBytes();
  if (instance.receiveBufferBytes > kMaxReceiveBuffer) {
    return Error{"its receive buffer is too large"};
  }
  if (source.getAbsenceLimitNs() > kMaxAbsenceNs) {
    return Error{"it keeps its addresses without a vrrpd for longer than a day"};
  }
  instance.absenceLimit = Duration(source.getAbsenceLimitNs());
  instance.blocksAddresses = source.getBlocksAddresses();
  instance.authenticationHeader = source.getAuthenticationHeader();
  if (instance.authenticationHeader && instance.family != AddressFamily::kIpv4) {
    return Error{"it has an authentication header over IPv6"};
  }
  return success();
}

// The largest advertisement of the instance, as its receive socket counts it.
std::uint32_t advertisementBytes(const Instance& instance, schema::BrokerInstance::Reader source) {
  constexpr std::uint32_t kAuthHeaderBytes = 24;
  constexpr std::uint32_t kAuthDataBytes = 8;  // version 2
  constexpr std::uint32_t kHeaderBytes = 8;
  const bool isIpv4 = instance.family == AddressFamily::kIpv4;
  std::uint32_t addresses = 0;
  for (const auto address : source.getAddresses()) {
    addresses += address.getExcluded() ? 0 : 1;
  }
  return (isIpv4 ? 20 : 40) + (instance.authenticationHeader ? kAuthHeaderBytes : 0) +
         (source.getVersion() == 2 ? kAuthDataBytes : 0) + kHeaderBytes +
         addresses * (isIpv4 ? 4 : 16);
}

// vrrp_rx_bufs_policy, for an instance that says nothing itself.
void applyReceivePolicy(schema::BrokerConfig::Reader config, schema::BrokerInstance::Reader source,
                        Instance& instance) {
  if (instance.receiveBufferBytes != 0) {
    return;
  }
  const std::uint64_t multiplier = config.getReceiveMultiplier();
  const auto bounded = [](std::uint64_t bytes) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, kMaxReceiveBuffer));
  };
  switch (config.getReceivePolicy()) {
    case schema::ReceivePolicy::SYSTEM:
      return;
    case schema::ReceivePolicy::MTU:
      instance.receiveBufferMtus = bounded(multiplier);
      return;
    case schema::ReceivePolicy::ADVERT:
      instance.receiveBufferBytes = bounded(multiplier * advertisementBytes(instance, source));
      return;
    case schema::ReceivePolicy::BYTES:
      instance.receiveBufferBytes = bounded(config.getReceivePolicyBytes());
      return;
  }
}

// Each element of a list of the sealed configuration.
template <typename List, typename Object, typename Read>
Status readEach(List list, std::size_t limit, std::vector<Object>& out, const Read& read) {
  if (list.size() > limit) {
    return Error{"too many addresses, routes, rules, links or groups of announcements"};
  }
  out.reserve(list.size());
  for (const auto element : list) {
    Result<Object> object = read(element);
    if (!object) {
      return object.error();
    }
    out.push_back(std::move(object).value());
  }
  return success();
}

// Where the addresses, routes and rules of one holder go.
struct Objects {
  std::vector<VirtualAddress>& addresses;
  std::vector<Route>& routes;
  std::vector<Rule>& rules;
};

template <typename Addresses, typename Routes, typename Rules>
Status readObjects(Addresses addresses, Routes routes, Rules rules, const Known& known,
                   const Objects& holder) {
  Status status = readEach(addresses, kMaxAddresses, holder.addresses,
                           [&](auto address) { return readVirtualAddress(address, known); });
  if (status) {
    status = readEach(routes, kMaxRoutes, holder.routes,
                      [&](auto route) { return readRoute(route, known.interfaces); });
  }
  return status ? readEach(rules, kMaxRules, holder.rules,
                           [&](auto rule) { return readRule(rule, known.interfaces); })
                : status;
}

Result<Instance> readInstance(schema::BrokerInstance::Reader source, const Known& known) {
  Instance instance;
  if (Status status = readIdentity(source, instance); !status) {
    return status.error();
  }
  if (Status status = readDestinations(source, known, instance); !status) {
    return status.error();
  }
  if (Status status = readAnnouncements(source, instance); !status) {
    return status.error();
  }
  if (Status status =
          readObjects(source.getAddresses(), source.getRoutes(), source.getRules(), known,
                      Objects{instance.addresses, instance.routes, instance.rules});
      !status) {
    return status.error();
  }
  return instance;
}

Result<AnnounceGroup> readAnnounceGroup(schema::AnnounceGroup::Reader source,
                                        std::size_t interfaces) {
  AnnounceGroup group;
  for (const std::uint32_t interface : source.getInterfaces()) {
    if (interface >= interfaces) {
      return Error{"an interface of a group of announcements does not exist"};
    }
    group.interfaces.push_back(static_cast<InterfaceId>(interface));
  }
  if (!areIntervals(source.getArpIntervalNs(), source.getNaIntervalNs())) {
    return Error{"an interval between announcements of more than a day"};
  }
  group.arpInterval = Duration(source.getArpIntervalNs());
  group.naInterval = Duration(source.getNaIntervalNs());
  return group;
}

// The first refusal, or nothing.
std::optional<Refusal> readLists(schema::BrokerConfig::Reader source, Configuration& config) {
  const auto interfaces = source.getInterfaces();
  const auto instances = source.getInstances();
  config.firewall = {.name = source.getNftablesTable(),
                     .priority = source.getNftablesPriority(),
                     .counters = source.getNftablesCounters()};
  if (config.firewall.name.size() >= NFT_NAME_MAXLEN || !printable(config.firewall.name)) {
    return Refusal{"the name of the nftables table is too long or not printable"};
  }
  if (interfaces.size() > kMaxInterfaces || instances.size() > kMaxInstances) {
    return Refusal{"too many interfaces or instances"};
  }
  for (std::uint32_t i = 0; i < interfaces.size(); ++i) {
    std::string name(interfaces[i].cStr(), interfaces[i].size());
    if (!validInterfaceName(name) || std::find(config.interfaces.begin(), config.interfaces.end(),
                                               name) != config.interfaces.end()) {
      return Refusal{"interface " + std::to_string(i) + " has an invalid or a repeated name", i};
    }
    config.interfaces.push_back(std::move(name));
  }
  Status linksRead = readEach(source.getLinks(), kMaxLinks, config.links,
                              [&](auto link) { return readLink(link, interfaces.size()); });
  for (const auto link : source.getLinks()) {
    linksRead = linksRead ? readOwnAddress(link, config.staticAddresses) : linksRead;
  }
  if (!linksRead) {
    return Refusal{linksRead.error().message};
  }
  const Known known{interfaces.size(), config.links};
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    Result<Instance> instance = readInstance(instances[i], known);
    if (!instance) {
      return Refusal{"instance " + std::to_string(i) + ": " + instance.error().message, i};
    }
    config.instances.push_back(std::move(instance).value());
    applyReceivePolicy(source, instances[i], config.instances.back());
  }
  config.firewall.blocksAddresses =
      std::ranges::any_of(config.instances, &Instance::blocksAddresses);
  config.firewall.silencesLinks = std::ranges::any_of(
      config.links, [](const VirtualLink& link) { return link.nature.kind == LinkKind::kVmac; });
  if (config.firewall.name.empty() && config.firewall.isInUse()) {
    return Refusal{"no_accept or a VMAC without a nftables table"};
  }
  const Status groups =
      readEach(source.getAnnounceGroups(), kMaxInterfaces, config.announceGroups,
               [&](auto group) { return readAnnounceGroup(group, interfaces.size()); });
  if (!groups) {
    return Refusal{groups.error().message};
  }
  const Status statics =
      readObjects(source.getStaticAddresses(), source.getStaticRoutes(), source.getStaticRules(),
                  known, Objects{config.staticAddresses, config.staticRoutes, config.staticRules});
  return statics ? std::nullopt : std::optional(Refusal{"static: " + statics.error().message});
}

}  // namespace

bool Instance::listensWith(const Instance& other) const {
  return speaksOn() == other.speaksOn() && family == other.family && unicast() == other.unicast() &&
         (unicast() || group == other.group) && authenticationHeader == other.authenticationHeader;
}

bool Configuration::hasRouting() const {
  return !staticRoutes.empty() || !staticRules.empty() ||
         std::any_of(instances.begin(), instances.end(), [](const Instance& instance) {
           return !instance.routes.empty() || !instance.rules.empty();
         });
}

namespace {

// One socket hears for both.
ReceiveBuffer largerOf(schema::ReceiveBuffer::Reader one, schema::ReceiveBuffer::Reader other) {
  const auto larger = one.getBytes() < other.getBytes() ? other : one;
  return {std::min(larger.getBytes(), kMaxReceiveBuffer), larger.getForce()};
}

}  // namespace

std::variant<Configuration, Refusal> readConfiguration(schema::BrokerConfig::Reader config) {
  Configuration result;
  std::optional<Refusal> refusal;
  const Status read = catchKj("sealed configuration", [&]() -> Status {
    refusal = readLists(config, result);
    if (config.getTracksProcesses()) {
      const auto buffer = config.getProcessMonitorBuffer();
      result.processMonitor = {buffer.getBytes(), buffer.getForce()};
    }
    result.news = largerOf(config.getVrrpMonitorBuffer(), config.getLvsMonitorBuffer());
    return success();
  });
  if (!read) {
    return Refusal{read.error().message};
  }
  if (refusal) {
    return *refusal;
  }
  return result;
}

}  // namespace holdfast::privd
