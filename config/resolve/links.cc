// One vrrp_instance: the interfaces that are made for it, a VMAC or an ipvlan, and which of its
// addresses are put on them.
#include <algorithm>
#include <limits>

#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxName = 15;  // IFNAMSIZ - 1

const PlannedLink* linkNamed(const Plan& plan, const std::string& name) {
  const auto index = plan.linkNames.find(name);
  return index ? &plan.links[*index] : nullptr;
}

// Another instance says that its own is called so.
bool isClaimed(const Resolution& resolution, const Block& instance, const std::string& name) {
  const auto found = resolution.claimedLinks.find(name);
  return found != resolution.claimedLinks.end() && found->second != &instance;
}

// Empty, after having said so, where the name that is wanted cannot be had.
std::string saidName(Resolution& resolution, const Block& instance, Key key, bool ipvlan) {
  const std::string* name = instance.find<std::string>(key);
  if (name == nullptr) {
    return {};
  }
  const std::string prefix = "(" + instance.name() + ") ";
  if (const PlannedLink* other = linkNamed(resolution.plan, *name)) {
    resolution.error(Code::kConflict, instance.at(key),
                     prefix + "VRRP instance " + other->instance->name() + " is already using " +
                         *name + " - ignoring name");
    return {};
  }
  if (resolution.isForeign(*name)) {
    resolution.error(Code::kConflict, instance.at(key),
                     prefix + "interface " + *name + " already exists and is not " +
                         (ipvlan ? "an l2 ipvlan; ignoring ipvlan if_name"
                                 : "a private macvlan; ignoring vmac if_name"));
    return {};
  }
  return *name;
}

std::string prefixOf(const Resolution& resolution, bool addressesOnly) {
  for (const char* keyword : {"vmac_addr_prefix", "vmac_prefix"}) {
    const Row* row = resolution.globals.table().named(keyword);
    const std::string* said = row == nullptr || (!addressesOnly && row->name == "vmac_addr_prefix")
                                  ? nullptr
                                  : valueAs<std::string>(resolution.globals.value(*row));
    if (said != nullptr && !said->empty()) {
      return *said;
    }
  }
  return "vrrp";
}

// PREFIX.VRID, PREFIX6.VRID for IPv6, PREFIX1.VRID, PREFIX2.VRID, ...
std::string freeName(const Resolution& resolution, const Block& instance, bool addressesOnly) {
  const std::string prefix = prefixOf(resolution, addressesOnly);
  const std::string id = "." + std::to_string(instance.number("virtual_router_id"));
  const bool ipv6 = instance.number("family") != 0;
  for (std::size_t attempt = 0;; ++attempt) {
    const std::string number =
        attempt == 0 ? std::string()
                     : (ipv6 ? "6" : "") +
                           (ipv6 && attempt == 1 ? std::string() : std::to_string(attempt - ipv6));
    const std::string tail = number + id;
    std::string name = prefix.substr(0, kMaxName - std::min(tail.size(), kMaxName)) + tail;
    if (linkNamed(resolution.plan, name) == nullptr && !isClaimed(resolution, instance, name) &&
        !resolution.isForeign(name)) {
      return name;
    }
  }
}

std::uint64_t macOf(const Block& instance, std::int64_t family) {
  constexpr std::uint64_t kIpv4 = 0x00005e000100;  // RFC 5798 section 7.3
  constexpr std::uint64_t kIpv6 = 0x00005e000200;
  const auto id = static_cast<std::uint64_t>(instance.number("virtual_router_id"));
  if (!instance.isSaid("use_vmac mac")) {
    return (family == 0 ? kIpv4 : kIpv6) | id;
  }
  const auto mac = static_cast<std::uint64_t>(instance.number("use_vmac mac"));
  return instance.flag("use_vmac mac with router id") ? mac | id : mac;
}

// As `ip link` has it: a number, or a name.
std::optional<std::uint32_t> groupOf(Resolution& resolution, const Block& instance, Key key) {
  const std::string* text = instance.find<std::string>(key);
  if (text == nullptr) {
    return std::nullopt;
  }
  const auto group = resolution.iproute.find(IprouteNames::Kind::kGroup, *text,
                                             std::numeric_limits<std::uint32_t>::max());
  if (!group) {
    resolution.error(Code::kUnknownName, instance.at(key),
                     "(" + instance.name() + ") unknown interface group " + *text + " - ignoring",
                     "takes a number, or a name of iproute2's file group");
  }
  return group;
}

std::uint32_t addLink(Resolution& resolution, PlannedLink link) {
  resolution.plan.interfaces.add(link.name);
  const std::uint32_t index = resolution.plan.linkNames.add(link.name);
  resolution.plan.links.push_back(std::move(link));
  return index;
}

// What cannot be together. False where there is to be no link.
bool checkVmac(Resolution& resolution, Block& instance) {
  const std::string prefix = "(" + instance.name() + ")";
  const bool unicast = instance.firstBlock("unicast_peer") != nullptr;
  const bool ipvlan = instance.flag("use_ipvlan");
  if (instance.find<std::string>("interface") == nullptr) {
    resolution.error(Code::kConflict, instance.at(ipvlan ? Key("use_ipvlan") : Key("use_vmac")),
                     prefix +
                         ": Cannot use VMAC/ipvlan with unicast and no interface - clearing "
                         "use_vmac");
    return false;
  }
  if (ipvlan) {
    return true;
  }
  if (unicast && !instance.flag("vmac_xmit_base")) {
    resolution.error(Code::kConflict, instance.at("use_vmac"),
                     prefix + " unicast with use_vmac requires vmac_xmit_base - setting");
    instance.adjust("vmac_xmit_base", true, "unicast with use_vmac");
  }
  if (instance.flag("strict_mode") && instance.flag("vmac_xmit_base")) {
    resolution.error(Code::kConflict, instance.at("vmac_xmit_base"),
                     prefix + " xmit_base is incompatible with strict mode - resetting");
    instance.adjust("vmac_xmit_base", false, "strict mode");
  }
  if (instance.flag("strict_mode") && instance.isSaid("use_vmac mac")) {
    resolution.error(Code::kConflict, instance.at("use_vmac"),
                     prefix + ": cannot specify MAC address with strict mode - clearing");
    instance.forget("use_vmac mac");
  }
  return true;
}

void checkIpvlan(Resolution& resolution, Block& instance) {
  const IpAddress* address = instance.address("use_ipvlan address");
  const bool ipv4 = instance.number("family") == 0;
  if (address != nullptr && (address->family == AddressFamily::kIpv4) != ipv4) {
    resolution.error(Code::kConflict, instance.at("use_ipvlan address"),
                     "(" + instance.name() +
                         ") the ipvlan's address and the instance's MUST be of the same family "
                         "!!! Skipping...");
    instance.forget("use_ipvlan address");
    address = nullptr;
  }
  if (address != nullptr && instance.address("source") == nullptr) {
    instance.assume("source", *address, "the address of its ipvlan");
  }
  const bool unicast = instance.firstBlock("unicast_peer") != nullptr;
  if (address == nullptr && (ipv4 || unicast)) {
    resolution.error(Code::kMissingSetting, instance.at("use_ipvlan"),
                     "(" + instance.name() + ") " + (ipv4 ? "IPv4" : "unicast") +
                         " ipvlan requires a source ip address to be configured. setting "
                         "instance to fault state",
                     "use_ipvlan NAME ADDRESS");
    instance.assume("fault", true, "such an ipvlan needs an address");
  }
}

PlannedLink linkOf(Resolution& resolution, Block& instance) {
  PlannedLink link;
  link.instance = &instance;
  link.ipvlan = instance.flag("use_ipvlan");
  link.parent = instance.text("interface");
  link.family = instance.number("family");
  const Key name = link.ipvlan ? Key("use_ipvlan name") : Key("use_vmac name");
  link.name = saidName(resolution, instance, name, link.ipvlan);
  if (link.name.empty()) {
    link.name = freeName(resolution, instance, false);
  }
  link.group =
      groupOf(resolution, instance, link.ipvlan ? Key("use_ipvlan group") : Key("use_vmac group"));
  if (!link.ipvlan) {
    link.macAddress = macOf(instance, link.family);
  }
  return link;
}

// The link for addresses of `family` on `parent`, which is made where there is none.
const std::string& addressLink(Resolution& resolution, Block& instance, const std::string& parent,
                               std::int64_t family) {
  const auto& links = resolution.plan.links;
  for (auto link = links.rbegin(); link != links.rend() && link->instance == &instance; ++link) {
    if (link->parent == parent && link->family == family) {
      return link->name;
    }
  }
  PlannedLink link;
  link.instance = &instance;
  link.addressesOnly = true;
  link.parent = parent;
  link.family = family;
  link.name = freeName(resolution, instance, true);
  link.macAddress = macOf(instance, family);
  return resolution.plan.links[addLink(resolution, std::move(link))].name;
}

void placeAddress(Resolution& resolution, Block& instance, Block& line) {
  const auto own = resolution.plan.linkOf.find(&instance);
  const bool linked = own != resolution.plan.linkOf.end();
  if (!linked && !line.flag("use_vmac") && !instance.flag("use_vmac_addr")) {
    return;
  }
  const std::string* interface = instance.find<std::string>("interface");
  const std::string& device = line.text("dev");
  const bool here = interface != nullptr && *interface == device;
  const std::int64_t family = line.address("address")->family == AddressFamily::kIpv4 ? 0 : 1;
  const bool sameFamily = family == instance.number("family");
  if (linked && here && sameFamily && line.flag("use_vmac")) {
    resolution.error(Code::kConflict, line.statement(),
                     "(" + instance.name() + ") use_vmac specified for VIP/eVIP " +
                         line.address("address")->toString() + " and vrrp instance");
  }
  const bool elsewhere = !here || !sameFamily || !linked;
  const bool wanted =
      line.flag("use_vmac") || (instance.flag("use_vmac_addr") && (!here || !sameFamily));
  if (elsewhere && wanted) {
    line.assume("link", addressLink(resolution, instance, device, family),
                "a macvlan interface on " + device);
  } else if (linked && here) {
    line.assume("link", resolution.plan.links[own->second].name, "made on " + device);
  }
}

}  // namespace

void resolveInstanceLink(Resolution& resolution, Block& instance) {
  if (instance.flag("vmac_xmit_base") && !instance.flag("use_vmac")) {
    resolution.error(Code::kConflict, instance.at("vmac_xmit_base"),
                     "(" + instance.name() + ") vmac_xmit_base is only valid with a vmac");
    instance.adjust("vmac_xmit_base", false, "there is no VMAC");
  }
  if (const std::string* vrf = instance.find<std::string>("vrf")) {
    if (instance.isSaid("interface")) {
      resolution.error(
          Code::kConflict, instance.at("vrf"),
          "(" + instance.name() + ") Cannot specify VRF interface and interface - ignoring");
      instance.forget("vrf");
    } else if (!resolution.useInterface(*vrf, instance.at("vrf"),
                                        "(" + instance.name() + ") WARNING - VRF interface " +
                                            *vrf + " doesn't exist")) {
      instance.forget("vrf");
    }
  }
  if ((!instance.flag("use_vmac") && !instance.flag("use_ipvlan")) ||
      !checkVmac(resolution, instance)) {
    return;
  }
  if (instance.flag("use_ipvlan")) {
    checkIpvlan(resolution, instance);
  }
  const std::uint32_t index = addLink(resolution, linkOf(resolution, instance));
  resolution.plan.linkOf.emplace(&instance, index);
}

void resolveAddressLinks(Resolution& resolution, Block& instance) {
  for (const Key key : {Key("virtual_ipaddress"), Key("virtual_ipaddress_excluded")}) {
    for (Block* line : instance.each(key)) {
      placeAddress(resolution, instance, *line);
    }
  }
}

}  // namespace holdfast::config
