// What privd gets about interfaces, and what it watches for others.
#include "config/seal/write.h"

namespace holdfast::config {
namespace {

void write(schema::Link::Builder out, const PlannedLink& link, const Plan& plan) {
  writeSettings(*link.instance, out);
  out.setKind(link.ipvlan ? schema::Link::Kind::IPVLAN : schema::Link::Kind::VMAC);
  out.setInterface(plan.interfaces.find(link.name).value());
  out.setParent(plan.interfaces.find(link.parent).value());
  out.setInstance(plan.instances.index(link.instance->name()).value());
  out.setFamily(link.family == 0 ? schema::Family::IPV4 : schema::Family::IPV6);
  out.setMacAddress(link.macAddress);
  out.setHasGroup(link.group.has_value());
  out.setGroup(link.group.value_or(0));
  out.setNetlinkNotify(!link.ipvlan && link.instance->flag("use_vmac netlink_notify_msg"));
  out.setAddressesOnly(link.addressesOnly);
}

void writeAnnounceGroups(schema::BrokerConfig::Builder out, const Plan& plan) {
  const auto blocks = plan.configuration->blocks("garp_group");
  auto groups = out.initAnnounceGroups(sizeOf(blocks));
  for (unsigned i = 0; i < groups.size(); ++i) {
    writeSettings(*blocks[i], groups[i]);
    const auto found = plan.garpGroups.find(blocks[i]);
    if (found == plan.garpGroups.end()) {
      continue;
    }
    auto interfaces = groups[i].initInterfaces(sizeOf(found->second));
    for (unsigned k = 0; k < interfaces.size(); ++k) {
      interfaces.set(k, plan.interfaces.find(found->second[k]).value());
    }
  }
}

}  // namespace

void writeLinks(schema::BrokerConfig::Builder out, const Plan& plan) {
  auto links = out.initLinks(sizeOf(plan.links));
  for (unsigned i = 0; i < links.size(); ++i) {
    write(links[i], plan.links[i], plan);
  }
  writeAnnounceGroups(out, plan);
  const auto lines = plan.configuration->blocks("linkbeat_interfaces");
  auto linkbeats = out.initLinkbeats(sizeOf(lines));
  for (unsigned i = 0; i < linkbeats.size(); ++i) {
    writeSettings(*lines[i], linkbeats[i]);
    linkbeats[i].setInterface(plan.interfaces.find(lines[i]->name()).value());
  }
}

void writeMonitors(schema::BrokerConfig::Builder out, const Plan& plan) {
  out.setTracksProcesses(!plan.trackProcesses.all().empty());
  const auto& sessions = plan.bfdSessions.all();
  auto bfd = out.initBfdSessions(sizeOf(sessions));
  for (unsigned i = 0; i < bfd.size(); ++i) {
    writeSettings(*sessions[i], bfd[i]);
  }
}

}  // namespace holdfast::config
