// Who runs which script.
#include <algorithm>
#include <array>

#include "config/resolver.h"
#include "policy/users.h"

namespace holdfast::config {
namespace {

// Where a script without a path is looked for. Not from the environment: everybody who compiles
// this configuration shall find the same one.
constexpr std::array<const char*, 6> kSearchPath = {
    "/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
constexpr const char* kDefaultScriptUser = "keepalived_script";

struct HookKeyword {
  HookEvent event;
  const char* keyword;
  std::optional<Command> InstanceBlock::*command;
};
// A state's own script before the one for all states.
constexpr std::array<HookKeyword, 7> kHooks = {{
    {HookEvent::kMaster, "notify_master", &InstanceBlock::notifyMaster},
    {HookEvent::kBackup, "notify_backup", &InstanceBlock::notifyBackup},
    {HookEvent::kFault, "notify_fault", &InstanceBlock::notifyFault},
    {HookEvent::kStop, "notify_stop", &InstanceBlock::notifyStop},
    {HookEvent::kDeleted, "notify_deleted", &InstanceBlock::notifyDeleted},
    {HookEvent::kMasterRxLowerPriority, "notify_master_rx_lower_pri",
     &InstanceBlock::notifyMasterRxLowerPriority},
    {HookEvent::kAny, "notify", &InstanceBlock::notify},
}};

struct Account {
  std::optional<PlannedIdentity> identity;
  std::string problem;
};

// Looked up in the files only: NSS would open sockets, which confd cannot.
Account lookUp(const Host& host, const std::string& user, const std::optional<std::string>& group) {
  const auto found = policy::findUser(user, host.passwdFile.c_str());
  if (!found || !found->has_value()) {
    return {std::nullopt,
            found ? "Script user '" + user + "' does not exist" : found.error().message};
  }
  PlannedIdentity identity;
  identity.userName = user;
  identity.uid = (*found)->uid;
  identity.gid = (*found)->gid;
  if (!group) {
    identity.groupName = policy::groupName(identity.gid, host.groupFile.c_str());
    return {identity, {}};
  }
  const auto gid = policy::findGroup(*group, host.groupFile.c_str());
  if (!gid || !gid->has_value()) {
    return {std::nullopt,
            gid ? "Script group '" + *group + "' does not exist" : gid.error().message};
  }
  identity.groupName = *group;
  identity.gid = **gid;
  return {identity, {}};
}

}  // namespace

void Resolver::resolveDefaultUser() {
  if (globals_.scriptUser) {
    const UserName& name = *globals_.scriptUser;
    Account account = lookUp(host_, name.user, name.group);
    if (!account.identity) {
      error(Code::kUnknownName, name.statement, account.problem,
            "scripts without a user of their own are not run");
      defaultUserProblem_ = "Unable to set default user " + name.user;
    }
    defaultUser_ = std::move(account.identity);
    return;
  }
  defaultUser_ = lookUp(host_, kDefaultScriptUser, std::nullopt).identity;
  if (!defaultUser_ && globals_.scriptSecurity.value_or(false)) {
    defaultUserProblem_ = std::string("Unable to set default user ") + kDefaultScriptUser;
  } else if (!defaultUser_) {
    PlannedIdentity starter;
    starter.uid = host_.uid;
    starter.gid = host_.gid;
    starter.userName = policy::userName(host_.uid, host_.passwdFile.c_str());
    starter.groupName = policy::groupName(host_.gid, host_.groupFile.c_str());
    defaultUser_ = std::move(starter);
  }
}

std::uint32_t Resolver::identityIndex(PlannedIdentity identity) {
  const auto same = [&identity](const PlannedIdentity& other) {
    return other.uid == identity.uid && other.gid == identity.gid;
  };
  const auto found = std::find_if(plan_.identities.begin(), plan_.identities.end(), same);
  const auto index = static_cast<std::uint32_t>(found - plan_.identities.begin());
  if (found == plan_.identities.end()) {
    plan_.identities.push_back(std::move(identity));
  }
  return index;
}

std::optional<std::uint32_t> Resolver::identityNamed(const UserName& user) {
  Account account = lookUp(host_, user.user, user.group);
  if (!account.identity) {
    error(Code::kUnknownName, user.statement, account.problem,
          "users and groups are looked up in /etc/passwd and /etc/group; arguments of a script "
          "have to be in the same quotes as its path");
    return std::nullopt;
  }
  return identityIndex(std::move(*account.identity));
}

std::optional<std::uint32_t> Resolver::identityOf(const std::optional<UserName>& user,
                                                  const Command& command,
                                                  const std::string& usedBy) {
  if (user) {
    return identityNamed(*user);
  }
  if (!defaultUser_) {
    error(Code::kUnknownName, command.statement, defaultUserProblem_ + " for " + usedBy,
          "say who runs it: `user` in the vrrp_script, a word behind a notify script, or "
          "script_user in global_defs");
    return std::nullopt;
  }
  if (!defaultIdentity_) {
    defaultIdentity_ = identityIndex(*defaultUser_);
  }
  return defaultIdentity_;
}

bool Resolver::findProgram(std::vector<std::string>& arguments, const Statement* statement) {
  std::string& path = arguments.front();
  if (path.front() == '/') {
    return true;
  }
  if (path.find('/') == std::string::npos) {
    for (const char* directory : kSearchPath) {
      const std::string candidate = directory + path;
      if (files_.kind(candidate) == Files::Kind::kExecutable) {
        complain(Severity::kNotice, Code::kInvalidValue, statement,
                 "WARNING - script `" + path + "` resolved by path search to `" + candidate +
                     "`. Please specify full path.");
        path = candidate;
        return true;
      }
    }
  }
  error(Code::kUnknownName, statement, "Script " + path + " cannot be accessed",
        "a path that begins with '/' is expected");
  return false;
}

void Resolver::addPath(std::uint32_t identity, const Command& command, const std::string& path,
                       std::string usedBy) {
  const Place place = command.statement->place(source_);
  plan_.identities[identity].paths.push_back({path, std::move(usedBy), place.file, place.line});
}

bool Resolver::isTracked(const std::string& script) const {
  for (const InstanceBlock& instance : model_.instances) {
    for (const TrackLine& line : instance.trackScripts) {
      if (line.name == script) {
        return true;
      }
    }
  }
  return false;
}

void Resolver::resolveScripts() {
  for (const ScriptBlock& script : model_.scripts) {
    resolveScript(script);
  }
}

void Resolver::resolveScript(const ScriptBlock& script) {
  if (!script.command) {
    error(Code::kMissingSetting, script.said.block,
          "No script set for vrrp_script " + script.name + " - removing");
    return;
  }
  if (!isTracked(script.name)) {
    complain(Severity::kNotice, Code::kUnused, script.said.block,
             "Warning - script " + script.name + " is not used",
             "no vrrp_instance has it in its track_script");
    return;
  }
  PlannedTrackScript planned;
  planned.name = script.name;
  planned.rise = static_cast<std::uint32_t>(script.rise.value_or(1));
  planned.fall = static_cast<std::uint32_t>(script.fall.value_or(1));
  planned.initFail = script.initFail.value_or(false);
  planned.interval = script.interval.value_or(std::chrono::seconds(1));
  planned.neverRuns = !placeScript(script, planned);
  if (planned.neverRuns) {
    complain(Severity::kWarning, Code::kUnknownName, script.command->statement,
             "Track script " + script.name + " cannot be run: it counts as failed");
  }
  plan_.trackScripts.push_back(std::move(planned));
}

// False where it was said why nobody can run it.
bool Resolver::placeScript(const ScriptBlock& script, PlannedTrackScript& planned) {
  std::vector<std::string> arguments = script.command->arguments;
  if (!findProgram(arguments, script.command->statement)) {
    return false;
  }
  const std::string usedBy = "vrrp_script " + script.name;
  const auto identity = identityOf(script.user, *script.command, usedBy);
  if (!identity) {
    return false;
  }
  std::vector<PeriodicScript>& periodic = plan_.identities[*identity].periodic;
  planned.identity = *identity;
  planned.script = static_cast<std::uint32_t>(periodic.size());
  addPath(*identity, *script.command, arguments.front(), usedBy);
  periodic.push_back({script.name, std::move(arguments), planned.interval,
                      script.timeout.value_or(planned.interval)});
  return true;
}

void Resolver::resolveHooks(const InstanceBlock& block, PlannedInstance& instance) {
  for (const HookKeyword& row : kHooks) {
    if (!(block.*row.command)) {
      continue;
    }
    const Command& command = *(block.*row.command);
    const std::string usedBy = block.name + " " + row.keyword;
    std::vector<std::string> arguments = command.arguments;
    if (!findProgram(arguments, command.statement)) {
      continue;
    }
    const auto identity = identityOf(command.user, command, usedBy);
    if (!identity) {
      continue;
    }
    std::vector<HookScript>& hooks = plan_.identities[*identity].hooks;
    instance.hooks.push_back({row.event, *identity, static_cast<std::uint32_t>(hooks.size())});
    addPath(*identity, command, arguments.front(), usedBy);
    hooks.push_back({block.name, row.event, std::move(arguments)});
  }
}

}  // namespace holdfast::config
