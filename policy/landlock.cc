#include "policy/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/unique_fd.h"

namespace holdfast::policy {
namespace {

// The kernel's ABI (linux/landlock.h of 6.12). Declared here since the headers that we build with
// know fewer rights than the kernel that we run on.
struct RulesetAttributes {
  std::uint64_t handledFiles = 0;
  std::uint64_t handledNetwork = 0;  // since version 4
  std::uint64_t scoped = 0;          // since version 6
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};

constexpr std::uint32_t kAskVersion = 1;
constexpr int kRulePathBeneath = 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadDirectory = 1U << 3;
constexpr std::uint64_t kBindTcp = 1U << 0;
constexpr std::uint64_t kConnectTcp = 1U << 1;
constexpr std::uint64_t kScopeAbstract = 1U << 0;
constexpr std::uint64_t kScopeSignal = 1U << 1;

constexpr int kVersionTcp = 4;
constexpr int kVersionScopes = 6;

// Every file right of a version: bits 0 to 12 in the first one, and one more with some.
constexpr std::uint64_t fileRights(int version) {
  unsigned count = 13;
  count += version >= 2 ? 1 : 0;  // refer: link and rename between directories
  count += version >= 3 ? 1 : 0;  // truncate
  count += version >= 5 ? 1 : 0;  // ioctl on a device
  return (std::uint64_t{1} << count) - 1;
}

// An older kernel refuses a longer struct only if what it does not know is not 0.
constexpr RulesetAttributes attributesFor(const LandlockRules& rules, int version) {
  RulesetAttributes attributes;
  attributes.handledFiles = rules.files == FileAccess::kUnrestricted ? 0 : fileRights(version);
  if (version >= kVersionTcp) {
    attributes.handledNetwork =
        (rules.denyTcpBind ? kBindTcp : 0) | (rules.denyTcpConnect ? kConnectTcp : 0);
  }
  if (version >= kVersionScopes) {
    attributes.scoped =
        (rules.denySignals ? kScopeSignal : 0) | (rules.denyAbstractSockets ? kScopeAbstract : 0);
  }
  return attributes;
}

Status allowReading(int ruleset, int directory) {
  const PathBeneath beneath{kReadFile | kReadDirectory, directory};
  if (::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &beneath, 0) != 0) {
    return systemError("landlock_add_rule");
  }
  return success();
}

Status allowReading(int ruleset, const LandlockRules& rules) {
  if (rules.files == FileAccess::kRead) {
    const UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root ? allowReading(ruleset, root.get()) : Status(systemError("/"));
  }
  for (const int directory : rules.beneath) {
    if (auto allowed = allowReading(ruleset, directory); !allowed.ok()) {
      return allowed;
    }
  }
  return success();
}

}  // namespace

int landlockVersion() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, kAskVersion);
  return version < 0 ? 0 : static_cast<int>(version);
}

Result<int> enterLandlock(const LandlockRules& rules, int version) {
  const RulesetAttributes attributes = attributesFor(rules, version);
  if (version == 0 ||
      (attributes.handledFiles | attributes.handledNetwork | attributes.scoped) == 0) {
    return 0;
  }
  const UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0U)));
  if (!ruleset) {
    return systemError("landlock_create_ruleset");
  }
  if (auto allowed = allowReading(ruleset.get(), rules); !allowed.ok()) {
    return allowed.error();
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0) {
    return systemError("landlock_restrict_self");
  }
  return version;
}

}  // namespace holdfast::policy
