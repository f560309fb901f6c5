#include "config/this_host.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "ipc/unique_fd.h"
#include "policy/site/site_policy.h"

namespace holdfast::config {
namespace {

std::string shortHostName() {
  utsname names{};
  if (::uname(&names) != 0) {
    return {};
  }
  const std::string_view node = names.nodename;
  return std::string(node.substr(0, node.find('.')));
}

std::map<std::string, std::string, std::less<>> readEnvironment(std::string_view prefix) {
  std::map<std::string, std::string, std::less<>> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (!text.starts_with(prefix)) {
      continue;
    }
    text.remove_prefix(prefix.size());
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

std::vector<std::string> interfaceNames() {
  std::vector<std::string> names;
  struct if_nameindex* list = ::if_nameindex();
  for (const struct if_nameindex* entry = list; entry != nullptr && entry->if_index != 0; ++entry) {
    names.emplace_back(entry->if_name);
  }
  ::if_freenameindex(list);
  return names;
}

// Of the kinds that VMACs and ipvlans are of.
std::vector<std::string> thoseMade(const std::vector<std::string>& interfaces) {
  std::vector<std::string> made;
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const std::string& name : interfaces) {
    ethtool_drvinfo driver{};
    driver.cmd = ETHTOOL_GDRVINFO;
    ifreq request{};
    name.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
    request.ifr_data = reinterpret_cast<char*>(&driver);
    if (::ioctl(socket.get(), SIOCETHTOOL, &request) == 0) {
      const std::string_view kind = driver.driver;
      if (kind == "macvlan" || kind == "ipvlan") {
        made.push_back(name);
      }
    }
  }
  return made;
}

}  // namespace

SourceOptions sourceOptionsOfThisHost(std::string_view prefix) {
  SourceOptions options;
  options.configId = shortHostName();
  options.environment = readEnvironment(prefix);
  options.randomSeed = static_cast<std::uint32_t>(std::time(nullptr));
  return options;
}

Host thisHost() {
  Host host;
  host.sitePolicyFile = policy::kSitePolicyFile;
  host.interfaces = interfaceNames();
  host.madeInterfaces = thoseMade(host.interfaces);
  host.uid = ::getuid();
  host.gid = ::getgid();
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) {  // NOLINT(concurrency-*)
    host.credentialsDirectory = directory;
  }
  return host;
}

std::vector<std::string> splitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace holdfast::config
