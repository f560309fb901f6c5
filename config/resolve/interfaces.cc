// What is said about interfaces at the top level.
#include <set>

#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

// Unlike others, such a line does not refuse the configuration when there is no such interface.
void resolveLines(Resolution& resolution, Key key, const char* what) {
  for (Block* line : resolution.root.blocks(key)) {
    if (resolution.isMissing(line->name())) {
      resolution.error(Code::kUnknownInterface, line->statement(),
                       "unknown interface " + line->name() + " specified for " + std::string(what),
                       "dynamic_interfaces in global_defs allows for interfaces that come later");
      line->drop();
    } else if (!resolution.useInterface(line->name(), line->statement(), {})) {
      line->drop();
    }
  }
}

void useInGroup(Resolution& resolution, const Block& group, const std::string& name,
                const Statement* statement, std::set<std::string>& used) {
  if (!resolution.useInterface(
          name, statement,
          "WARNING - interface " + name + " specified for garp_group doesn't exist")) {
    return;
  }
  if (!used.insert(name).second) {
    resolution.error(Code::kDuplicate, statement,
                     "garp_group already specified for " + name + " - ignoring",
                     "the first one is used");
    return;
  }
  resolution.plan.garpGroups[&group].push_back(name);
}

void resolveGarpGroups(Resolution& resolution) {
  std::set<std::string> used;
  std::size_t number = 0;
  for (Block* group : resolution.root.blocks("garp_group")) {
    if (!group->isSaid("garp_interval") && !group->isSaid("gna_interval")) {
      resolution.error(
          Code::kMissingSetting, group->statement(),
          "garp group " + std::to_string(number) + " does not have any delay set - removing");
      group->drop();
      continue;
    }
    ++number;
    if (group->isSaid("interfaces") && group->firstBlock("interfaces") == nullptr) {
      resolution.error(Code::kMissingSetting, group->at("interfaces"),
                       "Warning - empty garp_group interfaces block");
    }
    if (const std::string* name = group->find<std::string>("interface")) {
      useInGroup(resolution, *group, *name, group->at("interface"), used);
    }
    for (const Block* line : group->blocks("interfaces")) {
      useInGroup(resolution, *group, line->name(), line->statement(), used);
    }
  }
}

}  // namespace

void resolveInterfaces(Resolution& resolution) {
  resolveGarpGroups(resolution);
  resolveLines(resolution, "linkbeat_interfaces", "linkbeat interface");
  resolveLines(resolution, "interface_up_down_delays", "up/down delay");
}

}  // namespace holdfast::config
