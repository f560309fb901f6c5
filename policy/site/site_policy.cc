#include "policy/site/site_policy.h"

#include <fnmatch.h>

#include <algorithm>

#include "ipc/concat.h"
#include "policy/users.h"

namespace holdfast::policy {
namespace {

template <typename T, typename Matches>
PolicyLine refusal(const Permitted<T>& permitted, const Matches& matches) {
  const bool isPermitted = permitted.line == 0 || std::ranges::any_of(permitted.values, matches);
  return isPermitted ? 0 : permitted.line;
}

bool isBeneath(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() + 1 && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

bool climbs(std::string_view path) {
  return path.find("/../") != std::string_view::npos || path.ends_with("/..");
}

}  // namespace

bool AddressRange::contains(const IpAddress& address) const {
  if (address.family != network.family) {
    return false;
  }
  const std::size_t whole = prefixLength / 8;
  const unsigned rest = prefixLength % 8;
  if (!std::equal(network.bytes.begin(), network.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin())) {
    return false;
  }
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return rest == 0 || (network.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

PolicyLine SitePolicy::refusesInterface(const std::string& name) const {
  return refusal(interfaces, [&name](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

PolicyLine SitePolicy::refusesAddress(const IpAddress& address) const {
  return refusal(addresses,
                 [&address](const AddressRange& range) { return range.contains(address); });
}

PolicyLine SitePolicy::refusesVirtualRouter(std::uint8_t id) const {
  return refusal(virtualRouters, [id](const VirtualRouterRange& range) {
    return range.first <= id && id <= range.last;
  });
}

PolicyLine SitePolicy::refusesScript(std::string_view path) const {
  return refusal(scriptDirectories, [path](const std::string& directory) {
    return isBeneath(path, directory) && !climbs(path);
  });
}

PolicyLine SitePolicy::refusesIdentity(uid_t uid, gid_t gid) const {
  return refusal(scriptUsers,
                 [uid, gid](const ScriptUser& user) { return user.uid == uid && user.gid == gid; });
}

PolicyLine SitePolicy::refusesCapabilities(CapabilitySet wanted) const {
  return capabilities.includes(wanted) ? 0 : capabilitiesLine;
}

PolicyLine SitePolicy::refuses(Practice practice) const {
  return forbidden.at(static_cast<std::size_t>(practice));
}

PolicyLine SitePolicy::refusesTls(TlsVersion lowest) const {
  return lowest >= minimumTls ? 0 : minimumTlsLine;
}

Status resolveScriptUsers(SitePolicy& policy, const char* passwdFile, const char* groupFile) {
  for (ScriptUser& permitted : policy.scriptUsers.values) {
    const auto user = findUser(permitted.user, passwdFile);
    if (!user) {
      return user.error();
    }
    if (!user->has_value()) {
      continue;
    }
    permitted.uid = (*user)->uid;
    permitted.gid = (*user)->gid;
    if (!permitted.group.empty()) {
      const auto group = findGroup(permitted.group, groupFile);
      if (!group) {
        return group.error();
      }
      permitted.gid = *group;
    }
  }
  return success();
}

std::string refusalText(std::string_view what, PolicyLine line) {
  return concat(what, " is not permitted by ", kSitePolicyFile, ", line ", std::to_string(line));
}

}  // namespace holdfast::policy
