// real_server and sorry_server: which can be, and which port they have.
#include <set>

#include "config/resolve/lvs.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

bool isTunnelled(const VirtualServerRules& rules, const Block& real) {
  const Setting* own = real.setting("lvs_method");
  const Setting* shared = rules.server.setting("lvs_method");
  // As in keepalived, what the virtual server says further down comes too late for the family.
  const bool late = own == nullptr && shared != nullptr && shared->statement != nullptr &&
                    shared->statement->line > real.statement()->line;
  return !late && real.number("lvs_method") == kForwardTunnel;
}

bool isOfItsFamily(VirtualServerRules& rules, const Block& real) {
  if (isTunnelled(rules, real)) {
    return true;
  }
  const IpAddress& address = *real.address("address");
  if (!rules.family) {
    rules.family = address.family;
  }
  if (address.family == *rules.family) {
    return true;
  }
  rules.resolution.error(Code::kConflict, real.statement(),
                         "Address family of virtual server and real server " + address.toString() +
                             " don't match - skipping real server.",
                         "only lvs_method TUN goes from one family to the other");
  return false;
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
  if (!rules.group->hasAddresses) {
    rules.resolution.error(Code::kConflict, real.statement(),
                           "WARNING - fwmark virtual server " + rules.name() + ", real server " +
                               name + " has port specified - port will be ignored");
    return;
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

void resolveSorryPort(VirtualServerRules& rules) {
  Block& server = rules.server;
  const std::int64_t shared = rules.hasNoAddresses() ? 0 : server.number("port");
  if (!server.isSaid("sorry_server port")) {
    server.assume("sorry_server port", shared, "that of the virtual server");
    return;
  }
  const bool nat = server.number("sorry_server_lvs_method") == kForwardNat;
  if (nat || (rules.group == nullptr && server.number("sorry_server port") == shared)) {
    return;
  }
  const std::string what = rules.group != nullptr
                               ? ", sorry server has port specified - port will be ignored"
                           : rules.isMark() ? ", sorry server has port specified - clearing"
                                            : " and sorry server ports don't match - resetting";
  rules.resolution.error(Code::kConflict, server.at("sorry_server"),
                         "WARNING - virtual server " + rules.name() + what,
                         "only with lvs_method NAT the port can change");
  server.adjust("sorry_server port", shared, "that of the virtual server: only NAT can change it");
}

// One that is a real server too is treated alike in both places.
void resolveSorryInhibit(VirtualServerRules& rules) {
  Block& server = rules.server;
  for (const Block* real : rules.realServers) {
    const bool inhibit = real->flag("inhibit_on_failure");
    if (*real->address("address") != *server.address("sorry_server") ||
        real->number("port") != server.number("sorry_server port") ||
        inhibit == server.flag("sorry_server_inhibit")) {
      continue;
    }
    rules.resolution.error(Code::kConflict, server.at("sorry_server"),
                           "Virtual server " + rules.name() + ": real server " +
                               rules.nameOf(*real->address("address"), real->number("port")) +
                               " matches sorry server, but inhibit setting differs, " +
                               (inhibit ? "setting" : "clearing") + " on sorry server");
    server.adjust("sorry_server_inhibit", inhibit, "that of the real server which it is");
    return;
  }
}

}  // namespace

bool resolveRealServers(VirtualServerRules& rules) {
  std::set<std::pair<IpAddress, std::int64_t>> seen;
  for (Block* real : rules.server.blocks("real_server")) {
    const auto* said = real->find<std::int64_t>("port");
    const std::int64_t port = said == nullptr ? 0 : *said;
    const IpAddress& address = *real->address("address");
    if (!isOfItsFamily(rules, *real)) {
      real->drop();
    } else if (!seen.emplace(address, port).second) {
      rules.resolution.error(Code::kDuplicate, real->statement(),
                             "VS " + rules.name() + ": real server " + rules.nameOf(address, port) +
                                 " is duplicated - removing second rs");
      real->drop();
    } else {
      rules.realServers.push_back(real);
    }
  }
  if (rules.realServers.empty()) {
    rules.resolution.error(Code::kMissingSetting, rules.server.statement(),
                           "Virtual server " + rules.name() + " has no real servers - ignoring");
  }
  return !rules.realServers.empty();
}

void resolvePorts(VirtualServerRules& rules) {
  std::set<std::pair<IpAddress, std::int64_t>> seen;
  std::erase_if(rules.realServers, [&rules, &seen](Block* real) {
    resolvePort(rules, *real);
    const IpAddress& address = *real->address("address");
    if (seen.emplace(address, real->number("port")).second) {
      return false;
    }
    rules.resolution.notice(Code::kDuplicate, real->statement(),
                            "VS " + rules.name() + ": real server " +
                                rules.nameOf(address, real->number("port")) +
                                " is there already, with its port left out - ignoring");
    real->drop();
    return true;
  });
}

void resolveSorryServer(VirtualServerRules& rules) {
  Block& server = rules.server;
  const IpAddress* address = server.address("sorry_server");
  if (address == nullptr) {
    return;
  }
  resolveSorryMethod(server);
  const bool tunnelled = server.number("sorry_server_lvs_method") == kForwardTunnel;
  if (!tunnelled && rules.family && address->family != *rules.family) {
    rules.resolution.error(Code::kConflict, server.at("sorry_server"),
                           "Address family of virtual server and sorry server " +
                               address->toString() + " don't match - skipping sorry server.",
                           "only lvs_method TUN goes from one family to the other");
    server.forget("sorry_server");
    server.forget("sorry_server port");
    return;
  }
  resolveSorryPort(rules);
  resolveSorryInhibit(rules);
}

}  // namespace holdfast::config
