// IPv4 or IPv6: a virtual server, its group, its real servers and its sorry server.
#include <algorithm>

#include "config/resolve/lvs.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kIpv6 = 1;

// As in keepalived, what the virtual server says of its method further down comes too late here.
bool isTunnelled(const VirtualServerRules& rules, const Setting* own, std::int64_t method,
                 const Statement& statement) {
  const Setting* shared = rules.server.setting("lvs_method");
  const bool late = own == nullptr && shared != nullptr && shared->statement != nullptr &&
                    shared->statement->line > statement.line;
  return !late && method == kForwardTunnel;
}

// Where nothing has said the family yet, this one does.
bool matches(VirtualServerRules& rules, const IpAddress& address) {
  if (!rules.family) {
    rules.family = address.family;
  }
  return address.family == *rules.family;
}

void refuse(VirtualServerRules& rules, const Statement* statement, const IpAddress& address,
            const std::string& what) {
  rules.resolution.error(Code::kConflict, statement,
                         "Address family of virtual server and " + what + " server " +
                             address.toString() + " don't match - skipping " + what + " server.",
                         "only lvs_method TUN goes from one family to the other");
}

void checkSorryServer(VirtualServerRules& rules) {
  Block& server = rules.server;
  const IpAddress* address = server.address("sorry_server");
  if (address == nullptr) {
    return;
  }
  const Setting* own = server.setting("sorry_server_lvs_method");
  const std::int64_t method =
      server.number(own == nullptr ? Key("lvs_method") : Key("sorry_server_lvs_method"));
  if (!isTunnelled(rules, own, method, *server.at("sorry_server")) && !matches(rules, *address)) {
    refuse(rules, server.at("sorry_server"), *address, "sorry");
    server.forget("sorry_server");
    server.forget("sorry_server port");
  }
}

}  // namespace

void keepOneFamily(VirtualServerRules& rules) {
  for (Block* real : rules.server.each("real_server")) {
    const IpAddress& address = *real->address("address");
    if (isTunnelled(rules, real->setting("lvs_method"), real->number("lvs_method"),
                    *real->statement()) ||
        matches(rules, address)) {
      rules.realServers.push_back(real);
    } else {
      refuse(rules, real->statement(), address, "real");
      real->drop();
    }
  }
  checkSorryServer(rules);
}

bool familyMatchesGroup(const VirtualServerRules& rules) {
  const ServerGroup& group = *rules.group;
  const std::string prefix = group.block->name() + ": ";
  const Statement* statement = rules.server.statement();
  if (!rules.family) {
    if (!group.hasIpv4 && !group.hasIpv6) {
      rules.resolution.notice(Code::kMissingSetting, statement,
                              prefix + "Virtual server " + rules.name() +
                                  " address family cannot be determined, defaulting to IPv4",
                              "say inet or inet6 behind the firewall marks");
    }
    return true;
  }
  if (group.hasIpv4 && group.hasIpv6) {
    rules.resolution.notice(
        Code::kConflict, statement,
        prefix + "virtual server group with IPv4 & IPv6 doesn't match virtual server " +
            rules.name() + " - ignoring",
        "only where every server is tunnelled");
    return false;
  }
  if (rules.family == AddressFamily::kIpv6 ? group.hasIpv4 : group.hasIpv6) {
    rules.resolution.notice(
        Code::kConflict, statement,
        prefix + "address family doesn't match virtual server " + rules.name() + " - ignoring",
        "its real servers are of the other one");
    return false;
  }
  return true;
}

void resolveFamily(VirtualServerRules& rules) {
  Block& server = rules.server;
  if (server.setting("ip_family") != nullptr && rules.family) {
    return;
  }
  bool ipv6 = rules.family == AddressFamily::kIpv6;
  if (!rules.family) {
    ipv6 = std::all_of(rules.realServers.begin(), rules.realServers.end(), [](const Block* one) {
      return one->address("address")->family == AddressFamily::kIpv6;
    });
  }
  server.assume("ip_family", std::int64_t{ipv6},
                rules.family ? "that of its address and servers" : "that of its tunnelled servers");
}

std::optional<AddressFamily> familyOf(const Block& server) {
  if (const IpAddress* address = server.address("address")) {
    return address->family;
  }
  if (const auto* said = server.find<std::int64_t>("ip_family")) {
    return *said == kIpv6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4;
  }
  return std::nullopt;
}

}  // namespace holdfast::config
