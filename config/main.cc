// confd: compiles the configuration once, and ends. Descriptor 3 takes the sealed messages and the
// verdict, descriptor 4 the diagnostics.
#include <net/if.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/compiler.h"
#include "config/supervisor_link.h"
#include "ipc/descriptors.h"
#include "ipc/kj_edge.h"
#include "policy/sandbox.h"

namespace holdfast::config {
namespace {

// A verdict of our own, where there is no configuration to speak about.
constexpr int kExitFailure = 70;

struct Options {
  std::string file = "/etc/keepalived/keepalived.conf";
  SourceOptions source;
  Style style = Style::kLog;
  bool dump = false;
  bool strict = false;
  std::optional<std::vector<std::string>> interfaces;  // instead of those that exist
  bool everyInterface = false;
};

std::vector<std::string> splitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// False for an unknown argument: only the supervisor starts this program.
bool parseArguments(int count, char** arguments, Options& options) {
  constexpr std::string_view kFile = "--file=";
  constexpr std::string_view kConfigId = "--config-id=";
  constexpr std::string_view kInterfaces = "--assume-interfaces=";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with(kFile)) {
      options.file = argument.substr(kFile.size());
    } else if (argument.starts_with(kConfigId)) {
      options.source.configId = argument.substr(kConfigId.size());
    } else if (argument == "--all-includes") {
      options.source.checks = IncludeChecks::all();
    } else if (argument == "--check") {
      options.style = options.style == Style::kJson ? Style::kJson : Style::kCheck;
    } else if (argument == "--format=json") {
      options.style = Style::kJson;
    } else if (argument == "--dump") {
      options.dump = true;
    } else if (argument == "--strict") {
      options.strict = true;
    } else if (argument.starts_with(kInterfaces)) {
      options.interfaces = splitAtCommas(argument.substr(kInterfaces.size()));
    } else if (argument == "--assume-all-interfaces") {
      options.everyInterface = true;
    } else {
      return false;
    }
  }
  return true;
}

std::string shortHostName() {
  utsname names{};
  if (::uname(&names) != 0) {
    return {};
  }
  const std::string_view node = names.nodename;
  return std::string(node.substr(0, node.find('.')));
}

std::map<std::string, std::string, std::less<>> readEnvironment() {
  std::map<std::string, std::string, std::less<>> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
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

int run(int count, char** arguments) {
  Options options;
  options.source.configId = shortHostName();
  options.source.randomSeed = static_cast<std::uint32_t>(std::time(nullptr));
  const bool understood = parseArguments(count, arguments, options);

  // Whatever of the host is not in a file is looked at here: afterwards it cannot be.
  options.source.environment = readEnvironment();
  Host host;
  host.interfaces = options.interfaces ? *options.interfaces : interfaceNames();
  host.everyInterface = options.everyInterface;
  host.uid = ::getuid();
  host.gid = ::getgid();

  policy::SandboxRequest sandbox;
  sandbox.role = policy::Role::kConfd;
  sandbox.uid = host.uid;
  sandbox.gid = host.gid;
  sandbox.keepDescriptors = {kControlFd, kLogFd};
  const auto entered = policy::enterSandbox(sandbox);
  SupervisorLink supervisor;
  if (!entered || !understood) {
    supervisor.say(Log::Severity::ERROR,
                   entered ? "holdfast-confd is started by holdfast" : entered.error().message);
    return kExitFailure;
  }
  Compilation compilation = compile(options.file, options.source, RealFiles(), host);
  if (options.strict) {
    compilation.report.makeStrict();
  }
  supervisor.report(compilation, options.style);
  if (options.dump) {
    supervisor.dump(compilation.source);
  }
  const Report& report = compilation.report;
  const bool told = (report.refused() || supervisor.handOver(compilation.plan)) &&
                    supervisor.conclude(report.exitCode(), report.problems());
  return told ? EXIT_SUCCESS : kExitFailure;
}

}  // namespace
}  // namespace holdfast::config

int main(int count, char** arguments) {
  const holdfast::QuietKjExceptions quiet;
  return holdfast::config::run(count, arguments);
}
