// What vrrpd gets.
#include "config/seal/display.h"
#include "config/seal/tracking.h"

namespace holdfast::config {
namespace {

void writeDestination(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  if (const std::string* interface = instance.find<std::string>("interface")) {
    out.setHasInterface(true);
    out.setInterface(plan.interfaces.find(*interface).value());
  }
  out.setTrackPrimary(!instance.flag("dont_track_primary"));
  const auto blocks = instance.blocks("unicast_peer");
  auto peers = out.initPeers(sizeOf(blocks));
  for (unsigned i = 0; i < peers.size(); ++i) {
    writeSettings(*blocks[i], peers[i]);
  }
  std::vector<const IpAddress*> advertised;
  for (const Block* line : instance.blocks("virtual_ipaddress")) {
    if (!line->flag("excluded")) {
      advertised.push_back(line->address("address"));
    }
  }
  auto addresses = out.initAdvertisedAddresses(sizeOf(advertised));
  for (unsigned i = 0; i < addresses.size(); ++i) {
    config::write(addresses[i], *advertised[i]);
  }
}

void writeLink(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  const auto link = plan.linkOf.find(&instance);
  if (link != plan.linkOf.end()) {
    out.setHasLink(true);
    out.setLinkInterface(plan.interfaces.find(plan.links[link->second].name).value());
  }
  if (const std::string* vrf = instance.find<std::string>("vrf")) {
    out.setHasVrf(true);
    out.setVrf(plan.interfaces.find(*vrf).value());
  }
  out.setLinkbeat(instance.flag("linkbeat_use_polling"));
}

void writeAuthentication(schema::VrrpInstance::Builder out, const Block& instance) {
  if (const Block* authentication = instance.firstBlock("authentication")) {
    writeSettings(*authentication, out);
  }
  const Block* hmac = instance.firstBlock("auth_hmac");
  if (hmac == nullptr) {
    return;
  }
  out.setHasHmac(true);
  auto sealed = out.initHmac();
  writeSettings(*hmac, sealed);
  const auto blocks = hmac->blocks("key");
  auto keys = sealed.initKeys(sizeOf(blocks));
  for (unsigned i = 0; i < keys.size(); ++i) {
    writeSettings(*blocks[i], keys[i]);
    if (blocks[i]->number("id") == hmac->number("active_key")) {
      sealed.setActiveKey(i);
    }
  }
}

void write(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  out.setName(instance.name());
  writeSettings(instance, out);
  writeDestination(out, instance, plan);
  writeLink(out, instance, plan);
  writeAuthentication(out, instance);
  writeTracking(out, instance, plan);
  writeDisplay(out, instance, plan);
}

void write(schema::TrackScript::Builder out, const PlannedTrackScript& script) {
  out.setName(script.block->name());
  writeSettings(*script.block, out);
  out.setNeverRuns(!script.place.has_value());
  if (script.place) {
    out.setIdentity(script.place->identity);
    out.setScript(script.place->index);
  }
}

}  // namespace

void write(schema::VrrpConfig::Builder out, const Plan& plan) {
  const Block& root = *plan.configuration;
  write(out.initDigest(), plan.digest);
  writeSettings(*root.firstBlock("global_defs"), out);
  write(out.initInterfaces(sizeOf(plan.interfaces.all())), plan.interfaces.all());
  const auto blocks = root.blocks("vrrp_instance");
  auto instances = out.initInstances(sizeOf(blocks));
  for (unsigned i = 0; i < instances.size(); ++i) {
    write(instances[i], *blocks[i], plan);
  }
  auto scripts = out.initTrackScripts(sizeOf(plan.trackScripts));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    write(scripts[i], plan.trackScripts[i]);
  }
  writeGroups(out, plan);
  out.setDisplay(displayOf(plan));
}

}  // namespace holdfast::config
