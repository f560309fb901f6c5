// Who runs which script.
#include <algorithm>
#include <array>

#include "config/resolve/resolution.h"
#include "config/statement.h"
#include "policy/users.h"

namespace holdfast::config {
namespace {

// Where a script without a path is looked for. Not from the environment: everybody who compiles
// this configuration shall find the same one.
constexpr std::array<const char*, 6> kSearchPath = {
    "/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
constexpr const char* kDefaultScriptUser = "keepalived_script";

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

std::uint32_t identityIndex(Plan& plan, PlannedIdentity identity) {
  const auto same = [&identity](const PlannedIdentity& other) {
    return other.uid == identity.uid && other.gid == identity.gid;
  };
  const auto found = std::find_if(plan.identities.begin(), plan.identities.end(), same);
  const auto index = static_cast<std::uint32_t>(found - plan.identities.begin());
  if (found == plan.identities.end()) {
    plan.identities.push_back(std::move(identity));
  }
  return index;
}

}  // namespace

void Scripts::resolveDefaultUser(Resolution& resolution) {
  const auto* said = resolution.globals.find<std::shared_ptr<const UserName>>("script_user");
  if (said != nullptr) {
    Account account = lookUp(resolution.host, (*said)->user, (*said)->group);
    if (!account.identity) {
      resolution.error(Code::kUnknownName, (*said)->statement, account.problem,
                       "scripts without a user of their own are not run");
      problem_ = "Unable to set default user " + (*said)->user;
    }
    default_ = std::move(account.identity);
    return;
  }
  default_ = lookUp(resolution.host, kDefaultScriptUser, std::nullopt).identity;
  if (!default_ && resolution.globals.flag("enable_script_security")) {
    problem_ = std::string("Unable to set default user ") + kDefaultScriptUser;
  } else if (!default_) {
    PlannedIdentity starter;
    const Host& host = resolution.host;
    starter.uid = host.uid;
    starter.gid = host.gid;
    starter.userName = policy::userName(host.uid, host.passwdFile.c_str());
    starter.groupName = policy::groupName(host.gid, host.groupFile.c_str());
    default_ = std::move(starter);
  }
}

// Each is looked up once: thousands of checks may run as the same user.
std::optional<std::uint32_t> Scripts::identityNamed(Resolution& resolution, const UserName& user) {
  const auto [entry, isNew] = named_.try_emplace(user.user + " " + user.group.value_or(""));
  if (!isNew && entry->second) {
    return entry->second;
  }
  Account account = lookUp(resolution.host, user.user, user.group);
  if (!account.identity) {
    resolution.complain(
        severity_, Code::kUnknownName, user.statement, account.problem,
        "users and groups are looked up in /etc/passwd and /etc/group; arguments of a script "
        "have to be in the same quotes as its path");
    return std::nullopt;
  }
  entry->second = identityIndex(resolution.plan, std::move(*account.identity));
  return entry->second;
}

std::optional<std::uint32_t> Scripts::identityOf(Resolution& resolution, const UserName* user,
                                                 const Command& command,
                                                 const std::string& usedBy) {
  if (user != nullptr) {
    return identityNamed(resolution, *user);
  }
  if (!default_) {
    resolution.complain(
        severity_, Code::kUnknownName, command.statement, problem_ + " for " + usedBy,
        "say who runs it: `user` in the vrrp_script, a word behind a notify script, or "
        "script_user in global_defs");
    return std::nullopt;
  }
  if (!defaultIndex_) {
    defaultIndex_ = identityIndex(resolution.plan, *default_);
  }
  return defaultIndex_;
}

FileOwner Scripts::ownerOf(Resolution& resolution, const UserName* user) const {
  if (user != nullptr) {
    const Account account = lookUp(resolution.host, user->user, user->group);
    if (account.identity) {
      return {account.identity->uid, account.identity->gid};
    }
    resolution.notice(Code::kUnknownName, user->statement, account.problem,
                      "the user who runs scripts gets it");
  }
  return default_ ? FileOwner{default_->uid, default_->gid} : FileOwner{};
}

bool Scripts::findProgram(Resolution& resolution, std::vector<std::string>& arguments,
                          const Statement* statement) const {
  std::string& path = arguments.front();
  if (path.front() == '/') {
    return true;
  }
  if (path.find('/') == std::string::npos) {
    for (const char* directory : kSearchPath) {
      const std::string candidate = directory + path;
      if (resolution.files.kind(candidate) == Files::Kind::kExecutable) {
        resolution.notice(Code::kInvalidValue, statement,
                          "WARNING - script `" + path + "` resolved by path search to `" +
                              candidate + "`. Please specify full path.");
        path = candidate;
        return true;
      }
    }
  }
  resolution.complain(severity_, Code::kUnknownName, statement,
                      "Script " + path + " cannot be accessed",
                      "a path that begins with '/' is expected");
  return false;
}

std::optional<Scripts::Runnable> Scripts::place(Resolution& resolution, const Command& command,
                                                const UserName* user, ScriptUse use,
                                                Severity severity) {
  severity_ = severity;
  Runnable runnable;
  runnable.arguments = command.arguments;
  if (!findProgram(resolution, runnable.arguments, command.statement)) {
    return std::nullopt;
  }
  const auto identity = identityOf(resolution, user, command, use.by);
  if (!identity) {
    return std::nullopt;
  }
  runnable.identity = *identity;
  const Place place = command.statement->place(resolution.source);
  resolution.plan.identities[*identity].paths.push_back(
      {runnable.arguments.front(), std::move(use), place.file, place.line});
  return runnable;
}

}  // namespace holdfast::config
