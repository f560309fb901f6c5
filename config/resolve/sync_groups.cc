// vrrp_sync_group and track_group: who is in them, and what that means for each.
#include <algorithm>
#include <array>

#include "config/resolve/resolution.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;
constexpr auto kBackup = static_cast<std::int64_t>(schema::InitialState::BACKUP);
constexpr auto kMaster = static_cast<std::int64_t>(schema::InitialState::MASTER);

void resolveMembers(Resolution& resolution, const Block& group, std::uint32_t index) {
  for (Block* line : group.blocks("group")) {
    Block* member = resolution.plan.instances.find(line->name());
    if (member == nullptr) {
      resolution.error(Code::kUnknownName, line->statement(),
                       "Virtual router " + line->name() + " specified in sync group " +
                           group.name() + " doesn't exist - ignoring");
    } else if (!resolution.plan.syncGroupOf.emplace(member, index).second) {
      resolution.error(Code::kConflict, line->statement(),
                       "Virtual router " + line->name() +
                           " cannot exist in more than one sync group; ignoring " + group.name());
      member = nullptr;
    }
    if (member == nullptr) {
      line->drop();
    } else {
      resolution.plan.members[&group].push_back(member);
    }
  }
}

// False where the group is left out.
bool checkMembers(Resolution& resolution, Block& group) {
  if (group.isSaid("group") && group.at("group") != nullptr &&
      group.firstBlock("group") == nullptr) {
    resolution.error(Code::kMissingSetting, group.at("group"),
                     "Warning - sync group " + group.name() + " has empty group block");
  }
  if (group.firstBlock("group") == nullptr) {
    resolution.error(Code::kMissingSetting, group.statement(),
                     "Sync group " + group.name() + " has no virtual router(s). removing");
    return false;
  }
  resolveMembers(resolution, group,
                 static_cast<std::uint32_t>(resolution.plan.syncGroups.all().size()));
  const std::size_t members = resolution.plan.members[&group].size();
  if (members == 0) {
    resolution.error(Code::kMissingSetting, group.statement(),
                     "Sync group " + group.name() +
                         ", no matching virtual router found in group declaration - removing");
    return false;
  }
  if (members == 1) {
    resolution.complain(Severity::kWarning, Code::kMissingSetting, group.statement(),
                        "Sync group " + group.name() +
                            " has only 1 virtual router(s) - this probably isn't what you want");
  }
  return true;
}

bool isOwner(const Block* instance) {
  return instance->number("priority") == kOwner;
}

// Nobody is master until all can be.
void resolveStates(Resolution& resolution, Block& group) {
  const auto& members = resolution.plan.members[&group];
  const auto startsAsMaster = [](const Block* one) {
    return isOwner(one) && one->number("state") == kMaster;
  };
  if (std::all_of(members.begin(), members.end(), startsAsMaster)) {
    return;
  }
  for (Block* member : members) {
    if (member->number("state") == kMaster) {
      member->adjust("state", kBackup, "not all of its sync group start as master");
    }
  }
}

void checkOwners(Resolution& resolution, Block& group) {
  const auto& members = resolution.plan.members[&group];
  const auto owners = std::count_if(members.begin(), members.end(), isOwner);
  if (owners != 0 && static_cast<std::size_t>(owners) != members.size()) {
    const auto saysState = [](const Block* one, std::int64_t state) {
      return one->isSaid("state") && one->number("state") == state;
    };
    const bool said = isOwner(members.front()) && saysState(members.front(), kMaster) &&
                      std::any_of(members.begin(), members.end(), [&](const Block* one) {
                        return !isOwner(one) && saysState(one, kBackup);
                      });
    resolution.complain(said ? Severity::kError : Severity::kNotice, Code::kConflict,
                        group.statement(),
                        "Sync group " + group.name() +
                            " has some member(s) as address owner and some not as address owner. "
                            "This won't work.");
  }
}

// The group's own.
void resolveGroupWeights(Resolution& resolution, Block& group) {
  const auto& members = resolution.plan.members[&group];
  if (std::none_of(members.begin(), members.end(), isOwner)) {
    return;
  }
  struct Kind {
    Key lines;
    const char* noun;
    const char* result;
  };
  constexpr std::array<Kind, 5> kKinds = {{{"track_script", "script", "clearing weight"},
                                           {"track_file", "file", "setting weight 0"},
                                           {"track_process", "process", "setting weight 0"},
                                           {"track_bfd", "bfd", "setting weight 0"},
                                           {"track_interface", "interface", "clearing weight"}}};
  for (const Kind& kind : kKinds) {
    for (Block* line : group.blocks(kind.lines)) {
      if (line->number("weight") != 0) {
        resolution.error(Code::kConflict, line->statement(),
                         "(" + group.name() + ") Cannot have weighted track " + kind.noun + " '" +
                             line->name() + "' with member having priority 255 - " + kind.result);
        line->adjust("weight", std::int64_t{0}, "a member has priority 255");
      }
    }
  }
}

void checkInterfaces(Resolution& resolution, const Block& group, const Block& member) {
  const std::string* own = member.find<std::string>("interface");
  const auto lines = member.blocks("track_interface");
  for (const Block* line : group.blocks("track_interface")) {
    const bool tracked = (own != nullptr && *own == line->name()) ||
                         std::any_of(lines.begin(), lines.end(), [line](const Block* other) {
                           return other->name() == line->name();
                         });
    if (tracked) {
      resolution.error(Code::kConflict, line->statement(),
                       "(" + member.name() + ") track_interface " + line->name() +
                           " is configured on VRRP instance and sync group. Remove vrrp instance "
                           "or sync group config");
    }
  }
}

void resolveMemberWeights(Resolution& resolution, const Block& group, Block& member) {
  if (group.flag("sync_group_tracking_weight")) {
    return;
  }
  dropWeights(resolution, member, "SYNC group");
  for (Block* line : member.blocks("track_interface")) {
    if (line->number("weight") != 0) {
      resolution.error(Code::kConflict, line->statement(),
                       "(" + member.name() + ") ignoring " + line->name() +
                           " tracked interface weight due to SYNC group");
      line->adjust("weight", std::int64_t{0}, "SYNC group");
    }
  }
  for (Block* line : member.blocks("track_process")) {
    if (line->number("weight") != 0) {
      line->adjust("weight", std::int64_t{0}, "SYNC group");
    }
  }
}

void resolveSyncGroup(Resolution& resolution, Block& group) {
  if (!isPrintable(group.name())) {
    resolution.fatal(Code::kInvalidValue, group.statement(),
                     "a vrrp_sync_group's name has to be printable ASCII",
                     "at most 255 characters");
    return;
  }
  if (!checkMembers(resolution, group)) {
    group.drop();
    return;
  }
  resolveTracking(resolution, group);
  checkOwners(resolution, group);
  resolveStates(resolution, group);
  resolveGroupWeights(resolution, group);
  for (Block* member : resolution.plan.members[&group]) {
    checkInterfaces(resolution, group, *member);
    resolveMemberWeights(resolution, group, *member);
  }
  resolveHooks(resolution, group);
  resolution.plan.syncGroups.add(group);
}

void resolveTrackGroup(Resolution& resolution, Block& group) {
  if (group.isSaid("group") && group.firstBlock("group") == nullptr) {
    resolution.error(Code::kMissingSetting, group.at("group"),
                     "Warning - track group " + group.name() + " has empty group block");
  }
  auto& members = resolution.plan.members[&group];
  for (Block* line : group.blocks("group")) {
    Block* member = resolution.plan.instances.find(line->name());
    if (member == nullptr) {
      resolution.notice(Code::kUnknownName, line->statement(),
                        "Virtual router " + line->name() + " specified in track group " +
                            group.name() + " doesn't exist - ignoring");
    } else if (std::find(members.begin(), members.end(), member) == members.end()) {
      members.push_back(member);
    }
  }
  resolution.plan.trackGroups.add(group);
}

}  // namespace

void resolveGroups(Resolution& resolution) {
  for (Block* group : resolution.root.blocks("vrrp_sync_group")) {
    resolveSyncGroup(resolution, *group);
  }
  for (Block* group : resolution.root.blocks("track_group")) {
    resolveTrackGroup(resolution, *group);
  }
}

}  // namespace holdfast::config
