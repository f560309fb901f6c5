// One vrrp_instance: what counts for its state and priority.
#include <algorithm>

#include "config/resolver.h"

namespace holdfast::config {
namespace {

constexpr std::uint8_t kOwner = 255;

}  // namespace

void Resolver::resolveTrackedScripts(const InstanceBlock& block, PlannedInstance& instance) {
  const std::string prefix = "(" + block.name + ") ";
  const bool isOwner = instance.priority == kOwner;
  for (const TrackLine& line : block.trackScripts) {
    const auto named = [&line](const auto& script) { return script.name == line.name; };
    const auto found = std::find_if(plan_.trackScripts.begin(), plan_.trackScripts.end(), named);
    if (found == plan_.trackScripts.end()) {
      error(Code::kUnknownName, line.statement,
            prefix + "track script " + line.name + " not found, ignoring...",
            "there is no usable vrrp_script of this name");
      continue;
    }
    const auto script = std::find_if(model_.scripts.begin(), model_.scripts.end(), named);
    const Weight weight = line.weight.value_or(script->weight.value_or(Weight{}));
    if (isOwner && weight.value != 0) {
      error(Code::kConflict, line.statement,
            prefix + "ignoring tracked script " + line.name + " with weights due to address_owner",
            "the priority of an address owner is always 255");
      continue;
    }
    instance.scripts.push_back({static_cast<std::uint32_t>(found - plan_.trackScripts.begin()),
                                static_cast<std::int16_t>(weight.value), weight.reverse});
  }
}

void Resolver::resolveTrackedInterfaces(const InstanceBlock& block, PlannedInstance& instance) {
  const std::string prefix = "(" + block.name + ") ";
  const bool isOwner = instance.priority == kOwner;
  for (const TrackLine& line : block.trackInterfaces) {
    const Weight weight = line.weight.value_or(Weight{});
    const auto index = interfaceNamed(line.name, line.statement,
                                      prefix + "tracked interface " + line.name + " doesn't exist");
    if (!index) {
      continue;
    }
    if (index == instance.interface) {
      error(Code::kConflict, line.statement,
            prefix + "Ignoring track_interface " + line.name + " since own interface",
            "an instance tracks its own interface anyhow, unless dont_track_primary is set");
    } else if (isOwner && weight.value != 0) {
      error(Code::kConflict, line.statement,
            prefix + "ignoring " + line.name + " tracked interface due to address owner");
    } else {
      instance.interfaces.push_back(
          {*index, static_cast<std::int16_t>(weight.value), weight.reverse});
    }
  }
}

}  // namespace holdfast::config
