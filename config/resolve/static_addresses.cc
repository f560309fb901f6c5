// What holds for every address, and static_ipaddress.
#include "config/resolve/iproute.h"

namespace holdfast::config {
namespace {

// The interface that it is put on. False where there is none: that has been said.
bool resolveDevice(Resolution& resolution, Block& line) {
  if (line.setting("dev") == nullptr) {
    if (const std::string* inherited = line.find<std::string>("dev")) {
      return resolution.plan.interfaces.find(*inherited).has_value();
    }
    line.assume("dev", resolution.globals.value("default_interface"), "default_interface");
  }
  const std::string& name = line.text("dev");
  return resolution.useInterface(
      name, line.statement(),
      "WARNING - interface " + name + " for ip address " + line.name() + " doesn't exist");
}

void resolveLifetime(Block& line) {
  if (!line.isSaid("preferred_lft") && line.number("prefix length") == 128) {
    line.assume("preferred_lft", std::int64_t{0},
                "a single IPv6 address is not to be chosen as a source");
  }
  if (line.address("peer") != nullptr && !isUnicastAddress(*line.address("peer"))) {
    line.forget("peer");
  }
}

void resolveScope(Resolution& resolution, Block& line) {
  if (!resolveName(resolution, line, "scope", "scope number", IprouteNames::Kind::kScope, 255)) {
    resolution.error(
        Code::kUnknownName, line.statement(),
        "Invalid scope '" + line.text("scope") + "' specified for " + line.name() + " - ignoring",
        "a number to 255, or a name in /etc/iproute2/rt_scopes");
  }
}

}  // namespace

bool resolveAddressLine(Resolution& resolution, Block& line) {
  resolveScope(resolution, line);
  resolveLifetime(line);
  return resolveDevice(resolution, line);
}

void resolveStaticAddresses(Resolution& resolution) {
  for (Block* line : resolution.root.blocks("static_ipaddress")) {
    if (!isUnicastAddress(*line->address("address"))) {
      resolution.error(Code::kInvalidValue, line->statement(),
                       "VRRP parsed invalid IP " + line->name() + ". skipping IP...",
                       "not a unicast address");
      line->drop();
    } else if (resolveAddressLine(resolution, *line)) {
      resolveTrackGroup(resolution, *line);
    } else {
      line->drop();
    }
  }
}

}  // namespace holdfast::config
