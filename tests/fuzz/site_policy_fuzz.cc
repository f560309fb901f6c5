// The site's policy, which only root can write: a mistake is said, and whatever is read permits no
// more than its rows.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/site/parse.h"

using namespace holdfast;
using namespace holdfast::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = parseSitePolicy(text);
  if (!policy) {
    return policy.error().message.starts_with(kSitePolicyFile) ? 0 : (std::abort(), 0);
  }
  const bool restrictsScripts = text.find("script_directories") != std::string_view::npos;
  if (policy->refusesScript("/a/../b") == 0 && policy->scriptDirectories.line != 0) {
    std::abort();
  }
  if (policy->scriptDirectories.line != 0 && !restrictsScripts) {
    std::abort();
  }
  static_cast<void>(policy->refusesInterface("eth0"));
  static_cast<void>(policy->refusesAddress(*IpAddress::parse("192.0.2.1")));
  static_cast<void>(policy->refusesAddress(*IpAddress::parse("2001:db8::1")));
  return 0;
}
