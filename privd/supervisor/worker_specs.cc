#include "privd/supervisor/worker_specs.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ipc/concat.h"
#include "ipc/log.h"
#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

using Peer = schema::ControlRequest::Peer;

// The worker reads the same words as it starts: what it is allowed to begin with is exactly what it
// is going to ask for.
ChildSpec childSpec(policy::Role role, uid_t uid, gid_t gid,
                    std::optional<std::string_view> word = std::nullopt) {
  const std::string name(policy::executableOf(role));
  ChildSpec spec{
      std::string(kLibexecDir) + "/" + name, {name, std::to_string(uid), std::to_string(gid)}, {}};
  if (word) {
    spec.arguments.emplace_back(*word);
  }
  std::vector<char*> arguments;
  for (std::string& argument : spec.arguments) {
    arguments.push_back(argument.data());
  }
  if (auto request = policy::workerRequest(role, arguments)) {
    spec.sandbox = std::move(request).value();
  }
  return spec;
}

ChildSpec withSettings(ChildSpec spec, const ProcessSettings& settings) {
  spec.settings = settings;
  if (!settings.name.empty()) {
    spec.arguments.front() = settings.name;
  }
  return spec;
}

std::optional<std::string_view> scriptdWord(const Plan& plan) {
  if (plan.scriptNoNewPrivileges) {
    return policy::kNoNewPrivilegesWord;
  }
  if (plan.scriptSetuidPrograms) {
    return policy::kSetuidProgramsWord;
  }
  return std::nullopt;
}

}  // namespace

std::vector<WorkerSpec> workersFor(const Plan& plan, const WorkerUsers& users, int logDetail) {
  std::vector<WorkerSpec> specs;
  specs.push_back({kPrivd, "privd", "Keepalived_privd",
                   childSpec(policy::Role::kPrivd, users.privdUid, users.privdGid,
                             plan.bindsLowPorts ? std::optional(policy::kLowPortsWord)
                                                : std::nullopt)});
  for (std::uint32_t identity = 0; identity < plan.identities.size(); ++identity) {
    const IdentityPlan& user = plan.identities[identity];
    specs.push_back({{Peer::SCRIPTD, identity},
                     "script (" + user.userName + ")",
                     "Keepalived_script",
                     childSpec(policy::Role::kScriptd, user.uid, user.gid, scriptdWord(plan))});
  }
  if (plan.startWatch) {
    specs.push_back({kWatchd, "watchd", "Keepalived_watchd",
                     childSpec(policy::Role::kWatchd, ::getuid(), ::getgid())});
  }
  if (plan.startVrrp) {
    specs.push_back({kVrrpd, "VRRP", "Keepalived_vrrp",
                     withSettings(childSpec(policy::Role::kVrrpd, users.vrrpdUid, users.vrrpdGid),
                                  plan.vrrp)});
  }
  if (plan.startChecker) {
    specs.push_back({kCheckd, "Healthcheck", "Keepalived_healthcheckers",
                     withSettings(
                         childSpec(policy::Role::kCheckd, users.checkdUid, users.checkdGid),
                         plan.checker)});
  }
  for (WorkerSpec& spec : specs) {
    spec.child.arguments.push_back(
        concat(policy::kLogDetailWord, std::min<int>(logDetail, Log::kExtraDetail)));
  }
  return specs;
}

}  // namespace holdfast::supervisor
