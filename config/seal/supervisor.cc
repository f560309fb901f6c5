// What the supervisor gets.
#include "config/seal/write.h"

namespace holdfast::config {
namespace {

void write(schema::Identity::Builder out, const PlannedIdentity& identity) {
  out.setUserName(identity.userName);
  out.setGroupName(identity.groupName);
  out.setUid(identity.uid);
  out.setGid(identity.gid);
  auto paths = out.initScripts(sizeOf(identity.paths));
  for (unsigned i = 0; i < paths.size(); ++i) {
    paths[i].setPath(identity.paths[i].path);
    paths[i].setUsedBy(identity.paths[i].use.by);
    paths[i].setIsCheck(identity.paths[i].use.isCheck);
    paths[i].setOfServers(identity.paths[i].use.ofServers);
    paths[i].setFile(identity.paths[i].file);
    paths[i].setLine(identity.paths[i].line);
  }
}

// `process` is what the names of its keywords begin with.
void write(schema::ProcessSettings::Builder out, const Block& globals, const std::string& process) {
  if (const auto* name = globals.find<std::string>(Key(process + "_process_name"))) {
    out.setName(*name);
  }
  out.setNiceness(static_cast<std::int8_t>(globals.number(Key(process + "_priority"))));
  if (const auto* priority = globals.find<std::int64_t>(Key(process + "_rt_priority"))) {
    out.setRealtimePriority(static_cast<std::uint8_t>(*priority));
  }
  const Duration limit = globals.time(Key(process + "_rlimit_rttime"));
  out.setRlimitRttimeNs(static_cast<std::uint64_t>(limit.count()));
  out.setNoSwap(globals.flag(Key(process + "_no_swap")));
  const Key affinity(process + "_cpu_affinity");
  if (const auto* cpus = globals.find<std::shared_ptr<const WordList>>(affinity)) {
    auto list = out.initCpuAffinity(sizeOf(**cpus));
    for (unsigned i = 0; i < list.size(); ++i) {
      list.set(i, static_cast<std::uint32_t>(std::stoul((**cpus)[i])));
    }
  }
}

void write(schema::Service::Builder out, const Plan& plan, const Row& row) {
  const auto found = plan.services.find(&row);
  if (found != plan.services.end()) {
    out.setIsThere(true);
    out.setIdentity(found->second.identity);
    out.setService(found->second.index);
    const PlannedService& service =
        plan.identities[found->second.identity].services[found->second.index];
    out.setTimeoutNs(static_cast<std::uint64_t>(service.timeout.count()));
  }
}

void write(schema::NotifyFifo::Builder out, const Plan& plan, const Block& globals,
           const std::string& keyword) {
  const auto owner = plan.fifoOwners.find(globals.table().named(keyword));
  if (owner != plan.fifoOwners.end()) {
    out.setPath(globals.text(Key(keyword)));
    out.setUid(owner->second.uid);
    out.setGid(owner->second.gid);
    write(out.initScript(), plan, *globals.table().named(keyword + "_script"));
  }
}

void writeGlobals(schema::SupervisorConfig::Builder out, const Plan& plan, const Block& globals) {
  writeSettings(globals, out);
  write(out.initVrrp(), globals, "vrrp");
  write(out.initChecker(), globals, "checker");
  write(out.initBfd(), globals, "bfd");
  write(out.initStartupScript(), plan, *globals.table().named("startup_script"));
  write(out.initShutdownScript(), plan, *globals.table().named("shutdown_script"));
  write(out.initNotifyFifo(), plan, globals, "notify_fifo");
  write(out.initVrrpNotifyFifo(), plan, globals, "vrrp_notify_fifo");
  write(out.initLvsNotifyFifo(), plan, globals, "lvs_notify_fifo");
}

bool pings(const Block& root) {
  for (const Block* server : root.blocks("virtual_server")) {
    for (const Block* real : server->blocks("real_server")) {
      if (real->firstBlock("PING_CHECK") != nullptr) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

void write(schema::SupervisorConfig::Builder out, const Plan& plan) {
  const Block& root = *plan.configuration;
  write(out.initDigest(), plan.digest);
  out.setSeveralFiles(plan.severalFiles);
  out.setConfigText(plan.text);
  writeSettings(root, out);
  if (const auto* name = root.find<std::string>("net_namespace_ipvs")) {
    out.setHasIpvsNamespace(true);
    out.setIpvsNamespace(*name);
  }
  writeGlobals(out, plan, *root.firstBlock("global_defs"));
  out.setStartVrrp(root.firstBlock("vrrp_instance") != nullptr);
  out.setStartChecker(root.firstBlock("virtual_server") != nullptr);
  out.setPings(pings(root));
  out.setBindsLowPorts(std::ranges::any_of(plan.checkSockets, &PlannedCheckSocket::hasLowPort));
  out.setStartBfd(!plan.bfdSessions.all().empty());
  out.setStartWatch(hasSomethingToWatch(plan));
  auto identities = out.initIdentities(sizeOf(plan.identities));
  for (unsigned i = 0; i < identities.size(); ++i) {
    write(identities[i], plan.identities[i]);
  }
}

}  // namespace holdfast::config
