// What vrrpd gets about what is tracked: the same for instances and groups.
#include "config/seal/tracking.h"

namespace holdfast::config {
namespace {

template <typename Builder>
void writeWeight(Builder out, const Block& line) {
  using Weight = decltype(out.asReader().getWeight());
  out.setWeight(static_cast<Weight>(line.number("weight")));
  out.setReverse(line.flag("reverse"));
}

template <typename Owner>
void writeLists(Owner out, const Block& owner, const Plan& plan) {
  const auto scriptLines = owner.blocks("track_script");
  auto scripts = out.initTrackedScripts(sizeOf(scriptLines));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    scripts[i].setScript(plan.trackScriptNames.find(scriptLines[i]->name()).value());
    writeWeight(scripts[i], *scriptLines[i]);
  }
  const auto interfaceLines = owner.blocks("track_interface");
  auto interfaces = out.initTrackedInterfaces(sizeOf(interfaceLines));
  for (unsigned i = 0; i < interfaces.size(); ++i) {
    interfaces[i].setInterface(plan.interfaces.find(interfaceLines[i]->name()).value());
    writeWeight(interfaces[i], *interfaceLines[i]);
  }
  const auto fileLines = owner.blocks("track_file");
  auto files = out.initTrackedFiles(sizeOf(fileLines));
  for (unsigned i = 0; i < files.size(); ++i) {
    files[i].setFile(plan.trackFiles.index(fileLines[i]->name()).value());
    writeWeight(files[i], *fileLines[i]);
  }
  const auto processLines = owner.blocks("track_process");
  auto processes = out.initTrackedProcesses(sizeOf(processLines));
  for (unsigned i = 0; i < processes.size(); ++i) {
    processes[i].setProcess(plan.trackProcesses.index(processLines[i]->name()).value());
    writeWeight(processes[i], *processLines[i]);
  }
  const auto bfdLines = owner.blocks("track_bfd");
  auto bfds = out.initTrackedBfds(sizeOf(bfdLines));
  for (unsigned i = 0; i < bfds.size(); ++i) {
    bfds[i].setBfd(plan.trackBfds.index(bfdLines[i]->name()).value());
    writeWeight(bfds[i], *bfdLines[i]);
  }
}

template <typename Owner>
void writeHooks(Owner out, const Block& owner, const Plan& plan) {
  const auto found = plan.hooks.find(&owner);
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

void writeMembers(capnp::List<std::uint32_t>::Builder out, const std::vector<Block*>& members,
                  const Plan& plan) {
  for (unsigned i = 0; i < out.size(); ++i) {
    out.set(i, plan.instances.index(members[i]->name()).value());
  }
}

void writeSyncGroups(schema::VrrpConfig::Builder out, const Plan& plan) {
  const auto& blocks = plan.syncGroups.all();
  auto groups = out.initSyncGroups(sizeOf(blocks));
  for (unsigned i = 0; i < groups.size(); ++i) {
    const auto& members = plan.members.at(blocks[i]);
    groups[i].setName(blocks[i]->name());
    writeSettings(*blocks[i], groups[i]);
    writeMembers(groups[i].initMembers(sizeOf(members)), members, plan);
    writeLists(groups[i], *blocks[i], plan);
    writeHooks(groups[i], *blocks[i], plan);
  }
}

void writeTrackGroups(schema::VrrpConfig::Builder out, const Plan& plan) {
  const auto& blocks = plan.trackGroups.all();
  auto groups = out.initTrackGroups(sizeOf(blocks));
  for (unsigned i = 0; i < groups.size(); ++i) {
    const auto& members = plan.members.at(blocks[i]);
    groups[i].setName(blocks[i]->name());
    writeMembers(groups[i].initMembers(sizeOf(members)), members, plan);
  }
}

void writeTracked(schema::VrrpConfig::Builder out, const Plan& plan) {
  auto files = out.initTrackFiles(sizeOf(plan.trackFiles.all()));
  for (unsigned i = 0; i < files.size(); ++i) {
    files[i].setName(plan.trackFiles.all()[i]->name());
  }
  auto processes = out.initTrackProcesses(sizeOf(plan.trackProcesses.all()));
  for (unsigned i = 0; i < processes.size(); ++i) {
    processes[i].setName(plan.trackProcesses.all()[i]->name());
    writeSettings(*plan.trackProcesses.all()[i], processes[i]);
  }
  auto bfds = out.initTrackBfds(sizeOf(plan.trackBfds.all()));
  for (unsigned i = 0; i < bfds.size(); ++i) {
    const std::string& name = plan.trackBfds.all()[i]->name();
    bfds[i].setName(name);
    bfds[i].setSession(plan.bfdSessions.index(name).value());
  }
}

}  // namespace

void writeTracking(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  writeLists(out, instance, plan);
  writeHooks(out, instance, plan);
  const auto group = plan.syncGroupOf.find(&instance);
  out.setHasSyncGroup(group != plan.syncGroupOf.end());
  out.setSyncGroup(group == plan.syncGroupOf.end() ? 0 : group->second);
}

void writeGroups(schema::VrrpConfig::Builder out, const Plan& plan) {
  writeSyncGroups(out, plan);
  writeTrackGroups(out, plan);
  writeTracked(out, plan);
  const auto lines = plan.configuration->blocks("interface_up_down_delays");
  auto delays = out.initInterfaceDelays(sizeOf(lines));
  for (unsigned i = 0; i < delays.size(); ++i) {
    writeSettings(*lines[i], delays[i]);
    delays[i].setInterface(plan.interfaces.find(lines[i]->name()).value());
  }
}

}  // namespace holdfast::config
