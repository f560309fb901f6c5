// What counts for the state and the priority of an instance.
#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;

bool isOwner(const Block& block) {
  return block.table().find(Key("priority")) != nullptr && block.number("priority") == kOwner;
}

bool checkScript(Resolution& resolution, const Block& owner, Block& line) {
  const std::string prefix = "(" + owner.name() + ") ";
  const auto index = resolution.plan.trackScriptNames.find(line.name());
  if (!index) {
    resolution.error(Code::kUnknownName, line.statement(),
                     prefix + "track script " + line.name() + " not found, ignoring...",
                     "there is no usable vrrp_script of this name");
    return false;
  }
  const Block& script = *resolution.plan.trackScripts[*index].block;
  if (!line.isSaid("weight")) {
    line.assume("weight", script.value("weight"), "that of the vrrp_script");
    line.assume("reverse", script.value("weight reverse"), "that of the vrrp_script");
  }
  if (isOwner(owner) && line.number("weight") != 0) {
    resolution.error(
        Code::kConflict, line.statement(),
        prefix + "ignoring tracked script " + line.name() + " with weights due to address_owner",
        "the priority of an address owner is always 255");
    return false;
  }
  return true;
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
  if (isOwner(owner) && line.number("weight") != 0) {
    resolution.error(
        Code::kConflict, line.statement(),
        prefix + "ignoring " + line.name() + " tracked interface due to address owner");
    return false;
  }
  return true;
}

}  // namespace

void resolveTracking(Resolution& resolution, Block& owner) {
  for (Block* line : owner.blocks("track_script")) {
    if (!checkScript(resolution, owner, *line)) {
      line->drop();
    }
  }
  for (Block* line : owner.blocks("track_interface")) {
    if (!checkInterface(resolution, owner, *line)) {
      line->drop();
    }
  }
}

}  // namespace holdfast::config
