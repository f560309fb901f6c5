#include "config/resolver.h"

#include <net/if.h>

#include <algorithm>
#include <tuple>

#include "config/text.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxInstances = 1000;
constexpr std::size_t kMaxIdentities = 64;

bool isInterfaceName(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

// Two instances that would speak with one voice: the same socket and the same virtual router.
bool shareSocket(const PlannedInstance& a, const PlannedInstance& b) {
  return std::tie(a.interface, a.virtualRouterId, a.family) ==
             std::tie(b.interface, b.virtualRouterId, b.family) &&
         a.peers.empty() == b.peers.empty();
}

bool havePeerInCommon(const PlannedInstance& a, const PlannedInstance& b) {
  return std::any_of(a.peers.begin(), a.peers.end(), [&b](const PlannedPeer& mine) {
    return std::any_of(b.peers.begin(), b.peers.end(),
                       [&mine](const PlannedPeer& other) { return mine.address == other.address; });
  });
}

}  // namespace

bool isUnicastAddress(const IpAddress& address) {
  return !address.isUnspecified() && !address.isMulticast() &&
         address != IpAddress::parse("255.255.255.255");
}

Resolver::Resolver(const Model& model, const Source& source, const Files& files, const Host& host,
                   Report& report)
    : model_(model),
      globals_(model.globals),
      source_(source),
      files_(files),
      host_(host),
      report_(report),
      existing_(host.interfaces.begin(), host.interfaces.end()) {}

void Resolver::complain(Severity severity, Code code, const Statement* statement,
                        std::string message, std::string hint) {
  Place place = statement == nullptr
                    ? Place{source_.files.empty() ? std::string() : source_.files.front(), 0, 0, {}}
                    : statement->place(source_);
  report_.add(severity, code, std::move(place), std::move(message), std::move(hint));
}

Plan Resolver::run() {
  resolveGlobals();
  resolveDefaultUser();
  resolveScripts();
  if (model_.instances.size() > kMaxInstances) {
    fatal(Code::kLimit, model_.instances.at(kMaxInstances).said.block,
          "more than " + std::to_string(kMaxInstances) + " vrrp_instance blocks");
    return std::move(plan_);
  }
  for (const InstanceBlock& instance : model_.instances) {
    resolveInstance(instance);
  }
  checkMissingInterfaces();
  checkVirtualRouterIds();
  if (plan_.identities.size() > kMaxIdentities) {
    fatal(Code::kLimit, nullptr,
          "the scripts run as more than " + std::to_string(kMaxIdentities) + " different users");
  }
  return std::move(plan_);
}

void Resolver::resolveGlobals() {
  plan_.scriptSecurity = globals_.scriptSecurity.value_or(false);
  plan_.scriptNoNewPrivileges = globals_.scriptNoNewPrivileges.value_or(false);
  plan_.scriptSetuidPrograms = globals_.scriptSetuidPrograms.value_or(false);
  plan_.instanceName = model_.instance.value_or("");
  plan_.netNamespace = model_.netNamespace.value_or("");
  plan_.usePidDirectory = model_.usePidDirectory.value_or(false);
  plan_.childWait = model_.childWait.value_or(plan_.childWait);
  plan_.vrrpPriority = static_cast<std::int8_t>(globals_.vrrpPriority.value_or(0));
  plan_.vrrpRealtimePriority = static_cast<std::uint8_t>(globals_.vrrpRealtimePriority.value_or(0));
  plan_.vrrpNoSwap = globals_.vrrpNoSwap.value_or(false);
  plan_.startupDelay = globals_.startupDelay.value_or(Duration(0));
  plan_.logUnknownVrids = globals_.logUnknownVrids.value_or(false);
  plan_.arpInterval = globals_.garpInterval.value_or(Duration(0));
  plan_.naInterval = globals_.gnaInterval.value_or(Duration(0));
  // The interfaces of another network namespace are not known here.
  checkInterfaces_ = !globals_.dynamicInterfaces.value_or(false) && plan_.netNamespace.empty();
}

std::uint32_t Resolver::interfaceIndex(const std::string& name) {
  const auto found = std::find(plan_.interfaces.begin(), plan_.interfaces.end(), name);
  if (found == plan_.interfaces.end()) {
    plan_.interfaces.push_back(name);
    return static_cast<std::uint32_t>(plan_.interfaces.size() - 1);
  }
  return static_cast<std::uint32_t>(found - plan_.interfaces.begin());
}

std::optional<std::uint32_t> Resolver::interfaceNamed(const std::string& name,
                                                      const Statement* statement,
                                                      const std::string& message) {
  if (!isInterfaceName(name)) {
    fatal(Code::kInvalidValue, statement, "'" + name + "' cannot be an interface's name",
          "at most 15 characters, without '/' and ':'");
    return std::nullopt;
  }
  if (checkInterfaces_ && !host_.everyInterface && !existing_.contains(name)) {
    error(Code::kUnknownName, statement, message,
          "dynamic_interfaces in global_defs allows for interfaces that come later");
    missingInterface_ = true;
    return std::nullopt;
  }
  return interfaceIndex(name);
}

void Resolver::checkMissingInterfaces() {
  if (missingInterface_) {
    fatal(Code::kUnknownName, nullptr, "Non-existent interface specified in configuration");
  }
}

void Resolver::checkVirtualRouterIds() {
  for (std::size_t i = 0; i < plan_.instances.size(); ++i) {
    for (std::size_t j = i + 1; j < plan_.instances.size(); ++j) {
      const PlannedInstance& a = plan_.instances[i];
      const PlannedInstance& b = plan_.instances[j];
      if (!shareSocket(a, b) || (a.peers.empty() ? a.group != b.group : !havePeerInCommon(a, b))) {
        continue;
      }
      fatal(Code::kConflict, nullptr,
            a.name + " and " + b.name + " both use VRID " + std::to_string(a.virtualRouterId) +
                " with " + (a.family == AddressFamily::kIpv4 ? "IPv4" : "IPv6") +
                (a.interface ? " on interface " + plan_.interfaces[*a.interface] : ""),
            a.peers.empty() ? "give one of them another virtual_router_id"
                            : "they have unicast peers in common: give one another "
                              "virtual_router_id");
    }
  }
}

Plan resolve(const Model& model, const Source& source, const Files& files, const Host& host,
             Report& report) {
  return Resolver(model, source, files, host, report).run();
}

}  // namespace holdfast::config
