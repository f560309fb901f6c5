// What a site lets a configuration ask for: the rows of /etc/holdfast/policy (holdfast-policy(5))
// as values, and whether they permit something. What no row speaks of is permitted.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "policy/capabilities.h"

namespace holdfast::policy {

inline constexpr const char* kSitePolicyFile = "/etc/holdfast/policy";

// A line of the file, counted from 1; 0 is none of them.
using PolicyLine = std::uint32_t;

// Everything of its kind, unless some row names what is permitted.
template <typename T>
struct Permitted {
  PolicyLine line = 0;  // of the first such row
  std::vector<T> values;
};

struct AddressRange {
  IpAddress network;
  std::uint8_t prefixLength = 0;

  [[nodiscard]] bool contains(const IpAddress& address) const;
};

struct VirtualRouterRange {
  std::uint8_t first = 1;
  std::uint8_t last = 255;
};

struct ScriptUser {
  std::string user;
  std::string group;  // empty: the user's own
  // Known from resolveScriptUsers() on, where this machine has them.
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

enum class Practice : std::uint8_t {
  kRootScripts,           // a script whose user is root
  kAuthenticationHeader,  // auth_type AH
  kPassword,              // auth_type PASS
  kPlainSmtp,             // SMTP_CHECK without STARTTLS
};
inline constexpr std::size_t kPractices = 4;

// Two octets, as in the record layer: 0x0303 is TLS 1.2 (RFC 5246, RFC 8446).
using TlsVersion = std::uint16_t;

// Each question is answered with 0 where the policy permits, and else with the line that says what
// is permitted.
struct SitePolicy {
  Permitted<std::string> interfaces;  // patterns of fnmatch(3)
  Permitted<AddressRange> addresses;
  Permitted<VirtualRouterRange> virtualRouters;
  Permitted<std::string> scriptDirectories;  // absolute, without a '/' at the end
  Permitted<ScriptUser> scriptUsers;
  PolicyLine capabilitiesLine = 0;
  CapabilitySet capabilities;
  std::array<PolicyLine, kPractices> forbidden{};  // 0: permitted
  PolicyLine minimumTlsLine = 0;
  TlsVersion minimumTls = 0;

  [[nodiscard]] PolicyLine refusesInterface(const std::string& name) const;
  [[nodiscard]] PolicyLine refusesAddress(const IpAddress& address) const;
  [[nodiscard]] PolicyLine refusesVirtualRouter(std::uint8_t id) const;
  // `path` is absolute. One that goes through ".." is nowhere.
  [[nodiscard]] PolicyLine refusesScript(std::string_view path) const;
  [[nodiscard]] PolicyLine refusesIdentity(uid_t uid, gid_t gid) const;
  [[nodiscard]] PolicyLine refusesCapabilities(CapabilitySet wanted) const;
  [[nodiscard]] PolicyLine refuses(Practice practice) const;
  [[nodiscard]] PolicyLine refusesTls(TlsVersion lowest) const;
};

// Users that this machine does not have are nobody's. An Error: a file cannot be read.
[[nodiscard]] Status resolveScriptUsers(SitePolicy& policy, const char* passwdFile,
                                        const char* groupFile);

// "interface eth9 is not permitted by /etc/holdfast/policy, line 3"
[[nodiscard]] std::string refusalText(std::string_view what, PolicyLine line);

}  // namespace holdfast::policy
