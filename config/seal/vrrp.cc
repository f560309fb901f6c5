// What vrrpd gets.
#include "config/seal/write.h"

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

void writeTracking(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  const auto scriptLines = instance.blocks("track_script");
  auto scripts = out.initTrackedScripts(sizeOf(scriptLines));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    scripts[i].setScript(plan.trackScriptNames.find(scriptLines[i]->name()).value());
    scripts[i].setWeight(static_cast<std::int16_t>(scriptLines[i]->number("weight")));
    scripts[i].setReverse(scriptLines[i]->flag("reverse"));
  }
  const auto interfaceLines = instance.blocks("track_interface");
  auto interfaces = out.initTrackedInterfaces(sizeOf(interfaceLines));
  for (unsigned i = 0; i < interfaces.size(); ++i) {
    interfaces[i].setInterface(plan.interfaces.find(interfaceLines[i]->name()).value());
    interfaces[i].setWeight(static_cast<std::int16_t>(interfaceLines[i]->number("weight")));
    interfaces[i].setReverse(interfaceLines[i]->flag("reverse"));
  }
}

void writeHooks(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  const auto found = plan.hooks.find(&instance);
  if (found == plan.hooks.end()) {
    return;
  }
  auto hooks = out.initNotifyHooks(sizeOf(found->second));
  for (unsigned i = 0; i < hooks.size(); ++i) {
    hooks[i].setEvent(eventOf(*found->second[i].row));
    hooks[i].setIdentity(found->second[i].place.identity);
    hooks[i].setHook(found->second[i].place.index);
  }
}

void write(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  out.setName(instance.name());
  writeSettings(instance, out);
  writeDestination(out, instance, plan);
  writeTracking(out, instance, plan);
  writeHooks(out, instance, plan);
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
}

}  // namespace holdfast::config
