// What the rules share that make a plan of a configuration, and the list of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "config/block.h"
#include "config/diagnostic.h"
#include "config/iproute_names.h"
#include "config/plan.h"
#include "config/resolve/scripts.h"
#include "policy/site/site_policy.h"

namespace holdfast::config {

struct Resolution {
  Resolution(Plan& madePlan, const Source& itsSource, const Files& itsFiles, const Host& itsHost,
             Report& itsReport);

  void complain(Severity severity, Code code, const Statement* statement, std::string message,
                std::string hint = {});
  void error(Code code, const Statement* statement, std::string message, std::string hint = {}) {
    complain(Severity::kError, code, statement, std::move(message), std::move(hint));
  }
  void fatal(Code code, const Statement* statement, std::string message, std::string hint = {}) {
    complain(Severity::kFatal, code, statement, std::move(message), std::move(hint));
  }
  void notice(Code code, const Statement* statement, std::string message, std::string hint = {}) {
    complain(Severity::kNotice, code, statement, std::move(message), std::move(hint));
  }

  // Makes the interface known to the daemons. False, after having said so, where `name` cannot be
  // one's name or no such interface exists and it has to: then `message` is the error.
  bool useInterface(const std::string& name, const Statement* statement,
                    const std::string& message);
  // An interface that is there already, and is not one that an earlier run can have made.
  [[nodiscard]] bool isForeign(const std::string& name) const {
    return existing_.contains(name) && !made_.contains(name);
  }
  // A count that cannot be 0. `who` begins the message.
  void haveOneAtLeast(Block& block, std::string_view keyword, const std::string& who = {});
  // No such interface exists, and it has to.
  [[nodiscard]] bool isMissing(const std::string& name) const;

  Plan& plan;
  Block& root;
  Block& globals;
  const Source& source;
  const Files& files;
  const Host& host;
  Report& report;
  Scripts scripts;
  IprouteNames iproute;
  policy::SitePolicy site;
  bool checksInterfaces = true;
  bool missesInterface = false;
  // Names that instances want for their VMACs and ipvlans, and the first that does.
  std::unordered_map<std::string, const Block*> claimedLinks;

 private:
  std::unordered_set<std::string> existing_;
  std::unordered_set<std::string> made_;
};

// One that a host can have for itself.
[[nodiscard]] bool isUnicastAddress(const IpAddress& address);
[[nodiscard]] bool isPrintable(const std::string& name);

// Rules that look at several settings: they set what follows, adjust what cannot be, and drop what
// is no use, each with a reason. In the order in which they run.
void readSitePolicy(Resolution& resolution);
void resolveGlobals(Resolution& resolution);
void resolveScripts(Resolution& resolution);
void resolveSecrets(Resolution& resolution);
void resolveInterfaces(Resolution& resolution);
void resolveTrackers(Resolution& resolution);
void resolveInstances(Resolution& resolution);
void resolveGroups(Resolution& resolution);
void resolveVirtualServers(Resolution& resolution);
void resolveServices(Resolution& resolution);
void resolveStaticAddresses(Resolution& resolution);
void resolveRoutes(Resolution& resolution);  // of instances too
void resolveRules(Resolution& resolution);   // likewise
void resolveSitePolicy(Resolution& resolution);
void resolveTls(Resolution& resolution);

// Parts of resolveInstances.
void resolveInstanceNetwork(Resolution& resolution, Block& instance);
void resolveInstanceElection(Resolution& resolution, Block& instance);
void resolveInstanceAddresses(Resolution& resolution, Block& instance);
// Of any line with an address: scope, interface, lifetime. False where there is no interface.
[[nodiscard]] bool resolveAddressLine(Resolution& resolution, Block& line);
void resolveInstanceStrict(Resolution& resolution, Block& instance);
void resolveInstanceLink(Resolution& resolution, Block& instance);
void resolveAddressLinks(Resolution& resolution, Block& instance);
void resolveInstanceAuthentication(Resolution& resolution, Block& instance);
void resolveTracking(Resolution& resolution, Block& owner);
// What has a weight does not count, or has none, where priorities are not to change.
void dropWeights(Resolution& resolution, Block& instance, const std::string& because);
void resolveHooks(Resolution& resolution, Block& owner);
void checkVirtualRouterIds(Resolution& resolution);

}  // namespace holdfast::config
