// What counts for the state and the priority of an instance or a group.
#include <array>

#include "config/resolve/resolution.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;

bool isOwner(const Block& block) {
  return block.table().find(Key("priority")) != nullptr && block.number("priority") == kOwner;
}

const Block* scriptNamed(const Plan& plan, const std::string& name) {
  const auto index = plan.trackScriptNames.find(name);
  return index ? plan.trackScripts[*index].block : nullptr;
}
const Block* fileNamed(const Plan& plan, const std::string& name) {
  return plan.trackFiles.find(name);
}
const Block* processNamed(const Plan& plan, const std::string& name) {
  return plan.trackProcesses.find(name);
}
const Block* bfdNamed(const Plan& plan, const std::string& name) {
  return plan.trackBfds.find(name);
}

// A kind of thing that is tracked by its name.
struct Kind {
  Key lines;         // of the instance or group
  const char* noun;  // in messages
  const Block* (*named)(const Plan&, const std::string& name);
};
constexpr std::array<Kind, 4> kKinds = {{{"track_script", "script", scriptNamed},
                                         {"track_file", "file", fileNamed},
                                         {"track_process", "process", processNamed},
                                         {"track_bfd", "bfd", bfdNamed}}};

// Nullptr where there is none, or only behind this line: as in keepalived, that is too late.
const Block* findTracked(Resolution& resolution, const Kind& kind, const Block& owner,
                         const Block& line) {
  const Block* found = kind.named(resolution.plan, line.name());
  const bool late = found != nullptr && found->statement()->line > line.statement()->line;
  if (found == nullptr || late) {
    resolution.error(
        Code::kUnknownName, line.statement(),
        "(" + owner.name() + ") track " + kind.noun + " " + line.name() + " not found, ignoring...",
        late ? "it is defined further down: put it before what tracks it"
             : "there is no usable one of this name");
    return nullptr;
  }
  return found;
}

void inheritWeight(Block& line, const Block& definition) {
  const char* const kWhy = "that of what is tracked";
  if (!line.isSaid("weight")) {
    line.assume("weight", definition.value("weight"), kWhy);
    line.assume("reverse", definition.value("weight reverse"), kWhy);
  }
}

void resolveKind(Resolution& resolution, const Kind& kind, Block& owner) {
  for (Block* line : owner.blocks(kind.lines)) {
    if (const Block* definition = findTracked(resolution, kind, owner, *line)) {
      inheritWeight(*line, *definition);
    } else {
      line->drop();
    }
  }
}

bool checkInterface(Resolution& resolution, const Block& owner, Block& line) {
  const std::string prefix = "(" + owner.name() + ") ";
  if (!line.isSaid("weight")) {
    line.assume("weight", std::int64_t{0}, "its failure is FAULT");
  }
  if (!resolution.useInterface(line.name(), line.statement(),
                               prefix + "tracked interface " + line.name() + " doesn't exist")) {
    return false;
  }
  const auto* own = owner.table().find(Key("interface")) == nullptr
                        ? nullptr
                        : owner.find<std::string>("interface");
  if (own != nullptr && *own == line.name()) {
    resolution.error(
        Code::kConflict, line.statement(),
        prefix + "Ignoring track_interface " + line.name() + " since own interface",
        "an instance tracks its own interface anyhow, unless dont_track_primary is set");
    return false;
  }
  return true;
}

// Leaves out what has a weight where priorities are not to change. Where the weight is not the
// line's own, it is 0 instead.
void dropWeighted(Resolution& resolution, Block& instance, Key lines, const std::string& noun,
                  const std::string& because, bool says) {
  for (Block* line : instance.blocks(lines)) {
    const std::int64_t weight = line->number("weight");
    if (weight == 0) {
      continue;
    }
    const std::string prefix = "(" + instance.name() + ") ignoring ";
    if (says && !line->isSaid("weight")) {
      resolution.error(Code::kConflict, line->statement(),
                       prefix + "weight from tracked " + noun + " " + line->name() + " due to " +
                           because + ". specify weight 0");
      line->adjust("weight", std::int64_t{0}, because);
      continue;
    }
    resolution.error(Code::kConflict, line->statement(),
                     prefix + "tracked " + noun + " " + line->name() + " with weight" +
                         (noun == "script" ? "s" : " " + std::to_string(weight)) + " due to " +
                         because);
    line->drop();
  }
}

}  // namespace

void resolveTracking(Resolution& resolution, Block& owner) {
  for (const Kind& kind : kKinds) {
    resolveKind(resolution, kind, owner);
  }
  for (Block* line : owner.blocks("track_interface")) {
    if (!checkInterface(resolution, owner, *line)) {
      line->drop();
    }
  }
  if (isOwner(owner)) {
    dropWeights(resolution, owner, "address_owner");
    for (Block* line : owner.blocks("track_interface")) {
      if (line->number("weight") != 0) {
        resolution.error(Code::kConflict, line->statement(),
                         "(" + owner.name() + ") ignoring " + line->name() +
                             " tracked interface due to address owner",
                         "the priority of an address owner is always 255");
        line->drop();
      }
    }
  }
}

void dropWeights(Resolution& resolution, Block& instance, const std::string& because) {
  dropWeighted(resolution, instance, "track_script", "script", because, false);
  dropWeighted(resolution, instance, "track_file", "file", because, true);
  dropWeighted(resolution, instance, "track_bfd", "bfd", because, false);
}

}  // namespace holdfast::config
