// virtual_server
#include <netinet/in.h>

#include <algorithm>

#include "config/resolve/lvs.h"

namespace holdfast::config {
namespace {

constexpr Duration kPersistence = std::chrono::minutes(6);

std::string protocolName(const Block& server) {
  const auto* protocol = server.find<std::int64_t>("protocol");
  if (protocol == nullptr) {
    return "none";
  }
  return *protocol == IPPROTO_TCP ? "tcp" : *protocol == IPPROTO_UDP ? "udp" : "sctp";
}

void resolveProtocol(VirtualServerRules& rules) {
  Block& server = rules.server;
  const bool said = server.find<std::int64_t>("protocol") != nullptr;
  if (rules.hasNoAddresses()) {
    if (said) {
      rules.resolution.error(Code::kConflict, server.at("protocol"),
                             "Warning: Virtual server " + rules.name() +
                                 ": protocol specified for fwmark - protocol will be ignored",
                             "a firewall mark stands for packets of any protocol");
      server.forget("protocol");
    }
    return;
  }
  if (!said) {
    rules.resolution.error(
        Code::kMissingSetting, server.statement(),
        "Virtual server " + rules.name() + ": no protocol set - defaulting to UDP",
        "protocol TCP is what is meant most of the time");
    server.assume("protocol", std::int64_t{IPPROTO_UDP}, "no protocol means UDP");
  }
}

void resolveScheduler(VirtualServerRules& rules) {
  Block& server = rules.server;
  if (server.setting("lvs_sched") == nullptr) {
    rules.resolution.error(
        Code::kMissingSetting, server.statement(),
        "Virtual server " + rules.name() + ": no scheduler set, setting default 'wlc'",
        "say lvs_sched");
  }
  const bool allSay =
      std::all_of(rules.realServers.begin(), rules.realServers.end(),
                  [](const Block* one) { return one->setting("lvs_method") != nullptr; });
  const bool sorrySays = server.address("sorry_server") == nullptr ||
                         server.setting("sorry_server_lvs_method") != nullptr;
  if (server.setting("lvs_method") == nullptr && !(allSay && sorrySays)) {
    rules.resolution.error(
        Code::kMissingSetting, server.statement(),
        "Virtual server " + rules.name() + ": no forwarding method set, setting default NAT",
        "say lvs_method");
  }
  const auto* protocol = server.find<std::int64_t>("protocol");
  if (server.flag("ops") && protocol != nullptr && *protocol != IPPROTO_UDP) {
    rules.resolution.error(
        Code::kConflict, server.at("ops"),
        "Virtual server " + rules.name() + ": one packet scheduling requires UDP - resetting");
    server.adjust("ops", false, "only UDP has one packet scheduling");
  }
}

void resolveSuspension(VirtualServerRules& rules) {
  Block& server = rules.server;
  const bool hasMarks = rules.isMark() || (rules.group != nullptr && rules.group->hasMarks);
  if (server.flag("ha_suspend") && hasMarks) {
    rules.resolution.error(Code::kConflict, server.at("ha_suspend"),
                           "Virtual server " + rules.name() +
                               ": cannot use ha_suspend with fwmarks - clearing ha_suspend",
                           "a firewall mark is on no interface");
    server.adjust("ha_suspend", false, "a firewall mark is on no interface");
  }
}

void resolvePersistence(VirtualServerRules& rules) {
  Block& server = rules.server;
  if (server.setting("persistence_timeout") == nullptr &&
      server.setting("persistence_granularity") != nullptr) {
    server.assume("persistence_timeout", kPersistence, "persistence_granularity");
  }
  const bool portless = rules.group != nullptr ? rules.group->portless != nullptr
                                               : !rules.isMark() && server.number("port") == 0;
  if (portless && server.setting("persistence_timeout") == nullptr) {
    rules.resolution.error(Code::kConflict, server.statement(),
                           "Virtual server " + rules.name() +
                               ": zero port only valid for persistent services - setting",
                           "say a port, or persistence_timeout");
    server.assume("persistence_timeout", kPersistence, "it has no port");
  }
}

void resolveQuorum(VirtualServerRules& rules) {
  Block& server = rules.server;
  std::int64_t total = 0;
  for (const Block* real : rules.realServers) {
    total += real->number("weight");
  }
  std::int64_t quorum = server.number("quorum");
  if (quorum > total) {
    rules.resolution.error(Code::kConflict, server.at("quorum"),
                           "Warning - quorum " + std::to_string(quorum) + " for " + rules.name() +
                               " exceeds total weight of real servers " + std::to_string(total) +
                               ", reducing quorum to " + std::to_string(total));
    quorum = total;
    server.adjust("quorum", quorum, "the total weight of its servers");
  }
  const std::int64_t hysteresis = server.number("hysteresis");
  if (hysteresis >= quorum && hysteresis > 0) {
    const std::int64_t most = std::max<std::int64_t>(quorum - 1, 0);
    rules.resolution.error(Code::kConflict, server.at("hysteresis"),
                           "Virtual server " + rules.name() + ": hysteresis " +
                               std::to_string(hysteresis) + " >= quorum " + std::to_string(quorum) +
                               "; setting hysteresis to " + std::to_string(most));
    server.adjust("hysteresis", most, "it is less than quorum");
  }
}

// What global_defs says of mail about checks.
void resolveMail(const Resolution& resolution, Block& block) {
  if (block.setting("smtp_alert") != nullptr) {
    return;
  }
  for (const char* keyword : {"smtp_alert_checker", "smtp_alert"}) {
    const Row* row = resolution.globals.table().named(keyword);
    const Setting* said = row == nullptr ? nullptr : resolution.globals.setting(Key(row->name));
    if (said != nullptr && std::holds_alternative<bool>(said->value)) {
      block.assume("smtp_alert", said->value, std::string(keyword) + " in global_defs");
      return;
    }
  }
}

void resolveScripts(VirtualServerRules& rules) {
  const std::string& name = rules.server.name();
  for (const char* keyword : {"quorum_up", "quorum_down"}) {
    placeNotifier(rules.resolution, rules.server, keyword, [&] { return name; });
  }
  for (Block* real : rules.realServers) {
    for (const char* keyword : {"notify_up", "notify_down"}) {
      placeNotifier(rules.resolution, *real, keyword, [&] { return real->name() + " of " + name; });
    }
  }
}

bool resolveVirtualServer(VirtualServerRules& rules) {
  if ((rules.group != nullptr && !familyMatchesGroup(rules)) || !hasRealServers(rules)) {
    return false;
  }
  resolveProtocol(rules);
  dropRepeatedServers(rules);
  resolveFamily(rules);
  resolveScheduler(rules);
  resolveSuspension(rules);
  resolvePersistence(rules);
  resolveSorryServer(rules);
  resolvePorts(rules);
  resolveQuorum(rules);
  rules.server.setName(rules.name());
  resolveMail(rules.resolution, rules.server);
  for (Block* real : rules.realServers) {
    real->setName(rules.nameOf(*real->address("address"), real->number("port")));
    resolveMail(rules.resolution, *real);
    resolveCheckers(rules, *real);
  }
  resolveScripts(rules);
  return true;
}

}  // namespace

std::string VirtualServerRules::name() const {
  const IpAddress* address = server.address("address");
  return address == nullptr ? label : nameOf(*address, server.number("port"));
}

std::string VirtualServerRules::nameOf(const IpAddress& address, std::int64_t port) const {
  return "[" + address.toString() + "]:" + protocolName(server) + ":" + std::to_string(port);
}

void resolveVirtualServers(Resolution& resolution) {
  const ServerGroups groups = resolveServerGroups(resolution);
  std::unordered_map<std::string, std::uint32_t> uses;
  for (Block* server : resolution.root.blocks("virtual_server")) {
    VirtualServerRules rules{resolution, *server, nullptr, {}, {}, familyOf(*server)};
    keepOneFamily(rules);
    if (const auto* mark = server->find<std::int64_t>("fwmark")) {
      rules.label = "FWM " + std::to_string(*mark);
    }
    if (const std::string* name = server->find<std::string>("group")) {
      rules.label = "[" + *name + "]:" + std::to_string(uses[*name]++);
      const auto found = groups.find(*name);
      if (found == groups.end()) {
        resolution.notice(Code::kUnknownName, server->statement(),
                          "Virtual server group " + *name +
                              " specified but not configured - ignoring virtual server " +
                              rules.label,
                          "there is no usable virtual_server_group of this name");
        server->drop();
        continue;
      }
      rules.group = &found->second;
    }
    if (!resolveVirtualServer(rules)) {
      server->drop();
    }
  }
  const auto contexts = resolution.root.blocks("SSL");
  for (std::size_t i = 1; i < contexts.size(); ++i) {
    resolution.error(Code::kDuplicate, contexts[i]->statement(),
                     "SSL context already specified - replacing");
    contexts[i - 1]->drop();
  }
  resolveIpvsGlobals(resolution);
}

}  // namespace holdfast::config
