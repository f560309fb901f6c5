// The parts of resolve(), which share one state.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "config/plan.h"

namespace holdfast::config {

// One that a host can have for itself.
[[nodiscard]] bool isUnicastAddress(const IpAddress& address);

class Resolver {
 public:
  Resolver(const Model& model, const Source& source, const Files& files, const Host& host,
           Report& report);

  [[nodiscard]] Plan run();

 private:
  void complain(Severity severity, Code code, const Statement* statement, std::string message,
                std::string hint = {});
  void error(Code code, const Statement* statement, std::string message, std::string hint = {}) {
    complain(Severity::kError, code, statement, std::move(message), std::move(hint));
  }
  void fatal(Code code, const Statement* statement, std::string message, std::string hint = {}) {
    complain(Severity::kFatal, code, statement, std::move(message), std::move(hint));
  }

  // resolver.cc: what holds for everything; interfaces
  void resolveGlobals();
  [[nodiscard]] std::uint32_t interfaceIndex(const std::string& name);
  // Nullopt, and fatal, where the name is not one or no such interface exists and it has to.
  [[nodiscard]] std::optional<std::uint32_t> interfaceNamed(const std::string& name,
                                                            const Statement* statement,
                                                            const std::string& message);
  void checkMissingInterfaces();
  void checkVirtualRouterIds();

  // resolver_scripts.cc: users, commands, vrrp_script, notify
  void resolveDefaultUser();
  [[nodiscard]] std::optional<std::uint32_t> identityOf(const std::optional<UserName>& user,
                                                        const Command& command,
                                                        const std::string& usedBy);
  [[nodiscard]] std::optional<std::uint32_t> identityNamed(const UserName& user);
  [[nodiscard]] std::uint32_t identityIndex(PlannedIdentity identity);
  [[nodiscard]] bool findProgram(std::vector<std::string>& arguments, const Statement* statement);
  void addPath(std::uint32_t identity, const Command& command, const std::string& path,
               std::string usedBy);
  void resolveScripts();
  void resolveScript(const ScriptBlock& script);
  bool placeScript(const ScriptBlock& script, PlannedTrackScript& planned);
  [[nodiscard]] bool isTracked(const std::string& script) const;
  void resolveHooks(const InstanceBlock& block, PlannedInstance& instance);

  // resolver_instance.cc
  void resolveInstance(const InstanceBlock& block);
  [[nodiscard]] AddressFamily familyOf(const InstanceBlock& block) const;
  void resolveElection(const InstanceBlock& block, PlannedInstance& instance);
  void resolvePreemption(const InstanceBlock& block, PlannedInstance& instance);
  void resolveInterval(const InstanceBlock& block, PlannedInstance& instance);
  void resolveAnnouncements(const InstanceBlock& block, PlannedInstance& instance);
  void resolveStrict(const InstanceBlock& block, PlannedInstance& instance);

  // resolver_tracking.cc
  void resolveTrackedScripts(const InstanceBlock& block, PlannedInstance& instance);
  void resolveTrackedInterfaces(const InstanceBlock& block, PlannedInstance& instance);

  // resolver_network.cc
  void resolveInterface(const InstanceBlock& block, PlannedInstance& instance);
  void resolveDestination(const InstanceBlock& block, PlannedInstance& instance);
  void resolveSource(const InstanceBlock& block, PlannedInstance& instance);
  void resolveGroup(const InstanceBlock& block, PlannedInstance& instance);
  void resolvePeers(const InstanceBlock& block, PlannedInstance& instance);

  // resolver_addresses.cc
  [[nodiscard]] std::optional<std::uint32_t> interfaceOf(const InstanceBlock& block,
                                                         const AddressLine& line,
                                                         const PlannedInstance& instance);
  void resolveAddresses(const InstanceBlock& block, PlannedInstance& instance);
  void resolveAddress(const InstanceBlock& block, const AddressLine& line, bool excluded,
                      PlannedInstance& instance);

  const Model& model_;
  const Globals& globals_;
  const Source& source_;
  const Files& files_;
  const Host& host_;
  Report& report_;
  Plan plan_;
  std::set<std::string, std::less<>> existing_;
  bool checkInterfaces_ = true;
  bool missingInterface_ = false;
  std::optional<std::uint32_t> defaultIdentity_;  // made when it is first needed
  std::optional<PlannedIdentity> defaultUser_;    // empty: scripts need a user of their own
  std::string defaultUserProblem_;
};

}  // namespace holdfast::config
