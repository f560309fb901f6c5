// real_server and sorry_server: which can be, and which port they have.
#include <algorithm>
#include <set>

#include "config/resolve/lvs.h"

namespace holdfast::config {
namespace {

// 0 where the file says none.
std::int64_t saidPort(const Block& block, Key key) {
  const auto* port = block.find<std::int64_t>(key);
  return port == nullptr ? 0 : *port;
}

void clearPort(VirtualServerRules& rules, Block& real, std::int64_t port,
               const std::string& message) {
  rules.resolution.error(Code::kConflict, real.statement(), message,
                         "only with lvs_method NAT the port can change");
  real.adjust("port", port, "that of the virtual server: only NAT can change it");
}

// Of a group, with one port for all lines.
void checkGroupPort(VirtualServerRules& rules, const Block& real) {
  const std::string name = rules.nameOf(*real.address("address"), real.number("port"));
  if (rules.group->hasMarks) {
    rules.resolution.error(Code::kConflict, real.statement(),
                           "WARNING - fwmark virtual server " + rules.name() + ", real server " +
                               name + " has port specified - port will be ignored",
                           "only with lvs_method NAT the port can change");
  }
  for (const Block* line : rules.group->block->blocks("line")) {
    const IpAddress* address = line->address("address");
    if (address != nullptr && line->number("port") != real.number("port")) {
      rules.resolution.error(Code::kConflict, real.statement(),
                             "virtual server " + rules.name() + ":[" + address->toString() + "," +
                                 std::to_string(line->number("port")) + "] and real server " +
                                 name + " ports don't match",
                             "only with lvs_method NAT the port can change");
    }
  }
}

void resolvePort(VirtualServerRules& rules, Block& real) {
  const std::int64_t shared = rules.hasNoAddresses() ? 0 : rules.server.number("port");
  if (!real.isSaid("port")) {
    real.assume("port", shared, "that of the virtual server");
    return;
  }
  const std::int64_t port = real.number("port");
  if (real.number("lvs_method") == kForwardNat) {
    return;
  }
  const std::string name = rules.nameOf(*real.address("address"), port);
  if (rules.group != nullptr) {
    checkGroupPort(rules, real);
    real.adjust("port", std::int64_t{0}, "that of the service: only NAT can change it");
  } else if (rules.isMark()) {
    clearPort(rules, real, 0,
              "WARNING - fwmark virtual server " + rules.name() + ", real server " + name +
                  " has port specified - clearing");
  } else if (port != shared) {
    clearPort(rules, real, shared,
              "WARNING - virtual server " + rules.name() + " and real server " + name +
                  " ports don't match - resetting");
  }
}

void resolveSorryMethod(Block& server) {
  if (server.setting("sorry_server_lvs_method") == nullptr) {
    for (const std::string part : {"", " type", " port", " checksum"}) {
      server.assume(Key("sorry_server_lvs_method" + part), server.value(Key("lvs_method" + part)),
                    "lvs_method");
    }
  }
}

// Every line of the group has this port.
bool isPortOf(const ServerGroup& group, std::int64_t port) {
  const auto lines = group.block->blocks("line");
  return std::all_of(lines.begin(), lines.end(), [port](const Block* line) {
    return line->address("address") == nullptr || line->number("port") == port;
  });
}

void clearSorryPort(VirtualServerRules& rules, std::int64_t port, const std::string& what) {
  rules.resolution.error(Code::kConflict, rules.server.at("sorry_server"), "WARNING - " + what,
                         "only with lvs_method NAT the port can change");
  rules.server.adjust("sorry_server port", port,
                      "that of the virtual server: only NAT can change it");
}

void resolveSorryPort(VirtualServerRules& rules) {
  Block& server = rules.server;
  const std::int64_t shared = rules.hasNoAddresses() ? 0 : server.number("port");
  if (!server.isSaid("sorry_server port")) {
    server.assume("sorry_server port", shared, "that of the virtual server");
    return;
  }
  if (server.number("sorry_server_lvs_method") == kForwardNat) {
    return;
  }
  const std::int64_t port = server.number("sorry_server port");
  const std::string name = "virtual server " + rules.name();
  if (rules.group != nullptr) {
    constexpr const char* kIgnored = ", sorry server has port specified - port will be ignored";
    if (!isPortOf(*rules.group, port)) {
      clearSorryPort(rules, 0, name + kIgnored);
    }
    if (rules.group->hasMarks) {
      clearSorryPort(rules, 0, "fwmark " + name + kIgnored);
    }
    server.adjust("sorry_server port", std::int64_t{0},
                  "that of the service: only NAT can change it");
  } else if (rules.isMark()) {
    clearSorryPort(rules, 0, name + ", sorry server has port specified - clearing");
  } else if (port != shared) {
    clearSorryPort(rules, shared, name + " and sorry server ports don't match - resetting");
  }
}

// One that is a real server too is treated alike in both places.
void resolveSorryInhibit(VirtualServerRules& rules) {
  Block& server = rules.server;
  for (const Block* real : rules.realServers) {
    const bool inhibit = real->flag("inhibit_on_failure");
    const std::int64_t port = saidPort(*real, "port");
    if (*real->address("address") != *server.address("sorry_server") ||
        port != saidPort(server, "sorry_server port") ||
        inhibit == server.flag("sorry_server_inhibit")) {
      continue;
    }
    rules.resolution.error(Code::kConflict, server.at("sorry_server"),
                           "Virtual server " + rules.name() + ": real server " +
                               rules.nameOf(*real->address("address"), port) +
                               " matches sorry server, but inhibit setting differs, " +
                               (inhibit ? "setting" : "clearing") + " on sorry server");
    server.adjust("sorry_server_inhibit", inhibit, "that of the real server which it is");
    return;
  }
}

using Place = std::pair<IpAddress, std::int64_t>;  // address and port

Place placeOf(const Block& real) {
  return {*real.address("address"), saidPort(real, "port")};
}

bool areAllDifferent(const std::vector<Block*>& servers) {
  std::vector<Place> places(servers.size());
  std::ranges::transform(servers, places.begin(), [](const Block* one) { return placeOf(*one); });
  std::ranges::sort(places);
  return std::ranges::adjacent_find(places) == places.end();
}

// Of those in one place all but the first, each of which `say` is told.
template <typename Say>
void dropRepeated(VirtualServerRules& rules, const Say& say) {
  if (areAllDifferent(rules.realServers)) {
    return;
  }
  std::set<Place> seen;
  std::erase_if(rules.realServers, [&](Block* real) {
    const Place place = placeOf(*real);
    if (seen.insert(place).second) {
      return false;
    }
    say(*real, rules.nameOf(place.first, place.second));
    real->drop();
    return true;
  });
}

}  // namespace

bool hasRealServers(const VirtualServerRules& rules) {
  if (rules.realServers.empty()) {
    rules.resolution.error(Code::kMissingSetting, rules.server.statement(),
                           "Virtual server " + rules.name() + " has no real servers - ignoring");
  }
  return !rules.realServers.empty();
}

void dropRepeatedServers(VirtualServerRules& rules) {
  dropRepeated(rules, [&rules](const Block& real, const std::string& name) {
    rules.resolution.error(
        Code::kDuplicate, real.statement(),
        "VS " + rules.name() + ": real server " + name + " is duplicated - removing second rs");
  });
}

void resolvePorts(VirtualServerRules& rules) {
  for (Block* real : rules.realServers) {
    resolvePort(rules, *real);
  }
  dropRepeated(rules, [&rules](const Block& real, const std::string& name) {
    rules.resolution.notice(Code::kDuplicate, real.statement(),
                            "VS " + rules.name() + ": real server " + name +
                                " is there already, with its port left out - ignoring");
  });
}

void resolveSorryServer(VirtualServerRules& rules) {
  Block& server = rules.server;
  if (server.address("sorry_server") != nullptr) {
    resolveSorryMethod(server);
    resolveSorryInhibit(rules);
    resolveSorryPort(rules);
    server.assume("sorry_server name",
                  rules.nameOf(*server.address("sorry_server"), server.number("sorry_server port")),
                  "its address, protocol and port");
  }
}

}  // namespace holdfast::config
