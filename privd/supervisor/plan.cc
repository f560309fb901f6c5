#include "privd/supervisor/plan.h"

#include <sched.h>

#include <algorithm>

#include "ipc/schemas/config.capnp.h"
#include "ipc/sealed.h"

namespace holdfast::supervisor {
namespace {

// A name becomes part of a path.
bool isName(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

std::string textOf(capnp::Text::Reader text) {
  return {text.cStr(), text.size()};
}

IdentityPlan readIdentity(schema::Identity::Reader from) {
  IdentityPlan identity{textOf(from.getUserName()), from.getUid(), from.getGid(), {}};
  for (const auto script : from.getScripts()) {
    identity.scripts.push_back({textOf(script.getPath()), textOf(script.getUsedBy()),
                                textOf(script.getFile()), script.getLine(), script.getIsCheck(),
                                script.getOfServers()});
  }
  return identity;
}

constexpr std::uint64_t kMaxTimeoutNs = 3'600'000'000'000;

Duration boundedDuration(std::uint64_t nanoseconds) {
  return Duration(static_cast<Duration::rep>(std::min(nanoseconds, kMaxTimeoutNs)));
}

std::optional<ServicePlan> readService(schema::Service::Reader from) {
  if (!from.getIsThere()) {
    return std::nullopt;
  }
  return ServicePlan{from.getIdentity(), from.getService(), boundedDuration(from.getTimeoutNs())};
}

void readFifo(schema::ControlRequest::Fifo kind, schema::NotifyFifo::Reader from, Plan& plan) {
  if (from.getPath().size() == 0) {
    return;
  }
  plan.fifos[kind] = {textOf(from.getPath()), from.getUid(), from.getGid()};
  if (const auto reader = readService(from.getScript())) {
    plan.fifoReaders[kind] = *reader;
  }
}

void readServices(schema::SupervisorConfig::Reader from, Plan& plan) {
  plan.umask = from.getUmask() & 0777;
  plan.startupScript = readService(from.getStartupScript());
  plan.shutdownScript = readService(from.getShutdownScript());
  readFifo(schema::ControlRequest::Fifo::ALL, from.getNotifyFifo(), plan);
  readFifo(schema::ControlRequest::Fifo::VRRP, from.getVrrpNotifyFifo(), plan);
  readFifo(schema::ControlRequest::Fifo::LVS, from.getLvsNotifyFifo(), plan);
}

ProcessSettings readProcess(schema::ProcessSettings::Reader from) {
  ProcessSettings settings{.name = textOf(from.getName()),
                           .niceness = from.getNiceness(),
                           .realtimePriority = from.getRealtimePriority(),
                           .realtimeLimit = boundedDuration(from.getRlimitRttimeNs()),
                           .noSwap = from.getNoSwap()};
  for (const std::uint32_t cpu : from.getCpuAffinity()) {
    if (cpu < CPU_SETSIZE) {
      settings.cpus.push_back(cpu);
    }
  }
  return settings;
}

Status copyInto(Plan& plan, schema::SupervisorConfig::Reader from) {
  plan.startVrrp = from.getStartVrrp();
  plan.startChecker = from.getStartChecker();
  plan.pings = from.getPings();
  plan.bindsLowPorts = from.getBindsLowPorts();
  plan.disableLocalIgmp = from.getDisableLocalIgmp();
  plan.severalFiles = from.getSeveralFiles();
  plan.startWatch = from.getStartWatch();
  plan.scriptSecurity = from.getScriptSecurity();
  plan.scriptNoNewPrivileges = from.getScriptNoNewPrivileges();
  plan.scriptSetuidPrograms = from.getScriptSetuidPrograms() && !plan.scriptNoNewPrivileges;
  plan.instanceName = textOf(from.getInstanceName());
  plan.netNamespace = textOf(from.getNetNamespace());
  if (!isName(plan.instanceName) || !isName(plan.netNamespace)) {
    return Error{"the name of the instance or of its network namespace is not one"};
  }
  plan.processName = textOf(from.getProcessName());
  plan.vrrp = readProcess(from.getVrrp());
  plan.checker = readProcess(from.getChecker());
  plan.usePidDirectory = from.getUsePidDirectory();
  plan.statsDumpFile = textOf(from.getStatsDumpFile());
  plan.stateDumpFile = textOf(from.getStateDumpFile());
  plan.jsonDumpFile = textOf(from.getJsonDumpFile());
  plan.reloadCheckConfig = from.getReloadCheckConfig();
  plan.reloadCheckLog = textOf(from.getReloadCheckLog());
  plan.reloadTimeFile = textOf(from.getReloadTimeFile());
  plan.reloadRepeat = from.getReloadRepeat();
  plan.reloadFile = textOf(from.getReloadFile());
  plan.configSaveDirectory = textOf(from.getConfigSaveDirectory());
  plan.configText = textOf(from.getConfigText());
  plan.childWait = boundedDuration(from.getChildWaitNs());
  readServices(from, plan);
  if (from.getIdentities().size() > kMaxIdentities) {
    return Error{"the scripts run as more than " + std::to_string(kMaxIdentities) +
                 " different users: merge some"};
  }
  for (const auto identity : from.getIdentities()) {
    plan.identities.push_back(readIdentity(identity));
  }
  return success();
}

}  // namespace

bool Plan::hasRootScripts() const {
  return std::any_of(identities.begin(), identities.end(),
                     [](const IdentityPlan& identity) { return identity.uid == 0; });
}

Result<Plan> readPlan(int sealedConfig) {
  const auto config = SealedConfig<schema::SupervisorConfig>::map(sealedConfig);
  if (!config) {
    return config.error();
  }
  Plan plan;
  const Status copied = catchKj("the supervisor's sealed configuration",
                                [&] { return copyInto(plan, config->root()); });
  if (!copied) {
    return copied.error();
  }
  return plan;
}

}  // namespace holdfast::supervisor
