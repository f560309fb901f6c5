#include "config/resolve/resolution.h"

#include <net/if.h>

#include <algorithm>

#include "config/statement.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxIdentities = 64;

bool isInterfaceName(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

IprouteNames::Directories directoriesOf(const Block& globals) {
  IprouteNames::Directories directories;
  if (globals.isSaid("iproute_usr_dir")) {
    directories.usr = {globals.text("iproute_usr_dir")};
  }
  directories.etc = globals.text("iproute_etc_dir");
  return directories;
}

}  // namespace

bool isUnicastAddress(const IpAddress& address) {
  static const IpAddress kBroadcast = *IpAddress::parse("255.255.255.255");
  return !address.isUnspecified() && !address.isMulticast() && address != kBroadcast;
}

bool isPrintable(const std::string& name) {
  constexpr std::size_t kMaxName = 255;
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

std::uint32_t Definitions::add(Block& block) {
  const std::uint32_t index = names_.add(block.name());
  if (index == blocks_.size()) {
    blocks_.push_back(&block);
  }
  return index;
}

Block* Definitions::find(std::string_view name) const {
  const auto index = names_.find(name);
  return index ? blocks_[*index] : nullptr;
}

Resolution::Resolution(Plan& madePlan, const Source& itsSource, const Files& itsFiles,
                       const Host& itsHost, Report& itsReport)
    : plan(madePlan),
      root(*madePlan.configuration),
      globals(*madePlan.configuration->firstBlock("global_defs")),
      source(itsSource),
      files(itsFiles),
      host(itsHost),
      report(itsReport),
      iproute(itsFiles, directoriesOf(globals)),
      existing_(itsHost.interfaces.begin(), itsHost.interfaces.end()),
      made_(itsHost.madeInterfaces.begin(), itsHost.madeInterfaces.end()) {}

void Resolution::complain(Severity severity, Code code, const Statement* statement,
                          std::string message, std::string hint) {
  Place place = statement == nullptr
                    ? Place{source.files.empty() ? std::string() : source.files.front(), 0, 0, {}}
                    : statement->place(source);
  report.add(severity, code, std::move(place), std::move(message), std::move(hint));
}

bool Resolution::useInterface(const std::string& name, const Statement* statement,
                              const std::string& message) {
  if (!isInterfaceName(name)) {
    fatal(Code::kInvalidValue, statement,
          name.size() >= IFNAMSIZ ? "Interface name '" + name + "' too long - ignoring"
                                  : "'" + name + "' cannot be an interface's name",
          "at most 15 characters, without '/' and ':'");
    return false;
  }
  if (isMissing(name)) {
    error(Code::kUnknownName, statement, message,
          "dynamic_interfaces in global_defs allows for interfaces that come later");
    missesInterface = true;
    return false;
  }
  if (const policy::PolicyLine line = site.refusesInterface(name); line != 0) {
    fatal(Code::kNotPermitted, statement, policy::refusalText("interface " + name, line));
    return false;
  }
  plan.interfaces.add(name);
  return true;
}

void Resolution::haveOneAtLeast(Block& block, std::string_view keyword, const std::string& who) {
  const Key key(keyword);
  if (block.isSaid(key) && block.number(key) == 0) {
    error(Code::kInvalidValue, block.at(key),
          who + std::string(keyword) + " must be greater than 0, setting to 1");
    block.adjust(key, std::int64_t{1}, "a burst has one frame at least");
  }
}

bool Resolution::isMissing(const std::string& name) const {
  return checksInterfaces && !host.everyInterface && !existing_.contains(name);
}

Plan resolve(std::unique_ptr<Block> configuration, const Source& source, const Files& files,
             const Host& host, Report& report) {
  Plan plan;
  plan.configuration = std::move(configuration);
  Resolution resolution(plan, source, files, host, report);
  readSitePolicy(resolution);
  resolveSecrets(resolution);
  resolveGlobals(resolution);
  resolveInterfaces(resolution);
  resolveScripts(resolution);
  resolveTrackers(resolution);
  resolveInstances(resolution);
  resolveGroups(resolution);
  resolveVirtualServers(resolution);
  resolveServices(resolution);
  resolveStaticAddresses(resolution);
  resolveRoutes(resolution);
  resolveRules(resolution);
  resolveSitePolicy(resolution);
  resolveTls(resolution);
  if (resolution.missesInterface) {
    resolution.fatal(Code::kUnknownName, nullptr,
                     "Non-existent interface specified in configuration");
  }
  if (plan.identities.size() > kMaxIdentities) {
    resolution.fatal(
        Code::kLimit, nullptr,
        "the scripts run as more than " + std::to_string(kMaxIdentities) + " different users");
  }
  return plan;
}

}  // namespace holdfast::config
