// What privd gets.
#include <linux/if_addr.h>

#include "config/seal/write.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;

std::uint32_t flagsOf(const Block& line) {
  const auto bit = [&line](Key key, std::uint32_t flag) { return line.flag(key) ? flag : 0; };
  std::uint32_t flags =
      bit("noprefixroute", IFA_F_NOPREFIXROUTE) | bit("autojoin", IFA_F_MCAUTOJOIN);
  if (line.address("address")->family == AddressFamily::kIpv6) {
    flags |= (line.flag("-nodad") ? 0 : std::uint32_t{IFA_F_NODAD}) |
             bit("home", IFA_F_HOMEADDRESS) | bit("mngtmpaddr", IFA_F_MANAGETEMPADDR);
  }
  return flags;
}

void write(schema::VirtualAddress::Builder out, const Block& line, const Plan& plan) {
  writeSettings(line, out);
  out.setInterface(plan.interfaces.find(line.text("dev")).value());
  if (const std::string* link = line.find<std::string>("link")) {
    out.setHasLink(true);
    out.setLink(plan.linkNames.find(*link).value());
  }
  out.setFlags(flagsOf(line));
  out.setTracked(!line.flag("no_track"));
  out.setExcluded(line.flag("excluded") || line.row()->name == "virtual_ipaddress_excluded");
  if (const auto group = trackGroupOf(line, plan)) {
    out.setHasTrackGroup(true);
    out.setTrackGroup(*group);
  }
}

// Most have none: then there is no list at all.
template <typename Init>
void writeLines(const Block& owner, Key list, const Plan& plan, const Init& init) {
  const auto lines = owner.blocks(list);
  if (lines.empty()) {
    return;
  }
  auto out = init(sizeOf(lines));
  for (unsigned i = 0; i < out.size(); ++i) {
    write(out[i], *lines[i], plan);
  }
}

std::vector<const Block*> addressesOf(const Block& instance) {
  std::vector<const Block*> addresses;
  for (const Key key : {Key("virtual_ipaddress"), Key("virtual_ipaddress_excluded")}) {
    for (const Block* line : instance.blocks(key)) {
      if (!line->flag("repeated")) {
        addresses.push_back(line);
      }
    }
  }
  return addresses;
}

void write(schema::BrokerInstance::Builder out, const Block& instance, const Plan& plan) {
  out.setName(instance.name());
  writeSettings(instance, out);
  if (const std::string* interface = instance.find<std::string>("interface")) {
    out.setHasInterface(true);
    out.setInterface(plan.interfaces.find(*interface).value());
  }
  const auto blocks = instance.blocks("unicast_peer");
  auto peers = out.initPeers(sizeOf(blocks));
  for (unsigned i = 0; i < peers.size(); ++i) {
    config::write(peers[i], *blocks[i]->address("address"));
  }
  const auto lines = addressesOf(instance);
  auto addresses = out.initAddresses(sizeOf(lines));
  for (unsigned i = 0; i < addresses.size(); ++i) {
    write(addresses[i], *lines[i], plan);
  }
  const auto link = plan.linkOf.find(&instance);
  out.setHasLink(link != plan.linkOf.end());
  out.setLink(link == plan.linkOf.end() ? 0 : link->second);
  if (const std::string* vrf = instance.find<std::string>("vrf")) {
    out.setHasVrf(true);
    out.setVrf(plan.interfaces.find(*vrf).value());
  }
  const Block* authentication = instance.firstBlock("authentication");
  out.setAuthenticationHeader(authentication != nullptr &&
                              authentication->number("auth_type") ==
                                  static_cast<std::int64_t>(schema::Authentication::AH));
  out.setBlocksAddresses(!instance.flag("accept") && instance.number("priority") != kOwner);
  writeLines(instance, "virtual_routes", plan, [&out](unsigned n) { return out.initRoutes(n); });
  writeLines(instance, "virtual_rules", plan, [&out](unsigned n) { return out.initRules(n); });
  const Duration absence = instance.time("advert_int") * instance.number("down_timer_adverts");
  out.setAbsenceLimitNs(static_cast<std::uint64_t>(absence.count()));
}

void write(schema::ReceiveBuffer::Builder out, const Block& globals, const std::string& keyword) {
  out.setBytes(static_cast<std::uint32_t>(globals.number(Key(keyword))));
  out.setForce(globals.flag(Key(keyword + "_force")));
}

void writeGlobals(schema::BrokerConfig::Builder out, const Block& globals) {
  writeSettings(globals, out);
  write(out.initVrrpCommandBuffer(), globals, "vrrp_netlink_cmd_rcv_bufs");
  write(out.initVrrpMonitorBuffer(), globals, "vrrp_netlink_monitor_rcv_bufs");
  write(out.initLvsCommandBuffer(), globals, "lvs_netlink_cmd_rcv_bufs");
  write(out.initLvsMonitorBuffer(), globals, "lvs_netlink_monitor_rcv_bufs");
  write(out.initProcessMonitorBuffer(), globals, "process_monitor_rcv_bufs");
}

}  // namespace

void write(schema::BrokerConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  writeSettings(*plan.configuration, out);
  write(out.initInterfaces(sizeOf(plan.interfaces.all())), plan.interfaces.all());
  const auto blocks = plan.configuration->blocks("vrrp_instance");
  auto instances = out.initInstances(sizeOf(blocks));
  for (unsigned i = 0; i < instances.size(); ++i) {
    write(instances[i], *blocks[i], plan);
  }
  writeLinks(out, plan);
  writeMonitors(out, plan);
  writeGlobals(out, *plan.configuration->firstBlock("global_defs"));
  const Block& root = *plan.configuration;
  writeLines(root, "static_ipaddress", plan,
             [&out](unsigned n) { return out.initStaticAddresses(n); });
  writeLines(root, "static_routes", plan, [&out](unsigned n) { return out.initStaticRoutes(n); });
  writeLines(root, "static_rules", plan, [&out](unsigned n) { return out.initStaticRules(n); });
}

}  // namespace holdfast::config
