// confd: compiles the configuration once, and ends. Descriptor 3 takes the sealed messages and the
// verdict, descriptor 4 the diagnostics.
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/compiler.h"
#include "config/supervisor_link.h"
#include "config/this_host.h"
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
  Purpose purpose = Purpose::kStart;
  std::optional<std::vector<std::string>> interfaces;  // instead of those that exist
  bool everyInterface = false;
  Subsystems wanted;
  std::string credentialsDirectory;
};

// False for an unknown argument: only the supervisor starts this program.
bool parseArguments(int count, char** arguments, Options& options) {
  constexpr std::string_view kFile = "--file=";
  constexpr std::string_view kConfigId = "--config-id=";
  constexpr std::string_view kInterfaces = "--assume-interfaces=";
  constexpr std::string_view kCredentials = "--credentials=";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with(kFile)) {
      options.file = argument.substr(kFile.size());
    } else if (argument.starts_with(kConfigId)) {
      options.source.configId = argument.substr(kConfigId.size());
    } else if (argument == "--all-includes") {
      options.source.checks = IncludeChecks::all();
    } else if (argument == "--check") {
      options.purpose = Purpose::kCheck;
      options.style = options.style == Style::kJson ? Style::kJson : Style::kCheck;
    } else if (argument == "--format=json") {
      options.style = Style::kJson;
    } else if (argument == "--dump") {
      options.dump = true;
    } else if (argument == "--strict") {
      options.strict = true;
    } else if (argument.starts_with(kInterfaces)) {
      options.interfaces = splitAtCommas(argument.substr(kInterfaces.size()));
    } else if (argument.starts_with(kCredentials)) {
      options.credentialsDirectory = argument.substr(kCredentials.size());
    } else if (argument == "--without-vrrp") {
      options.wanted.vrrp = false;
    } else if (argument == "--without-checkers") {
      options.wanted.checkers = false;
    } else if (argument == "--assume-all-interfaces") {
      options.everyInterface = true;
    } else {
      return false;
    }
  }
  return true;
}

int run(int count, char** arguments) {
  Options options;
  options.source = sourceOptionsOfThisHost(kVariablePrefix);
  const bool understood = parseArguments(count, arguments, options);

  // Whatever of the host is not in a file is looked at here: afterwards it cannot be.
  Host host = thisHost();
  host.interfaces = options.interfaces.value_or(std::move(host.interfaces));
  host.everyInterface = options.everyInterface;
  host.credentialsDirectory = options.credentialsDirectory;

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
  Compilation compilation =
      compile(options.file, options.source, RealFiles(), host, options.wanted);
  if (options.strict) {
    compilation.report.makeStrict();
  }
  supervisor.report(compilation, options.style);
  if (options.dump) {
    supervisor.dump(compilation.source);
  }
  const Report& report = compilation.report;
  if (!report.refused() && options.purpose == Purpose::kStart) {
    complete(compilation);
  }
  const bool told = (report.refused() || supervisor.handOver(compilation, options.purpose)) &&
                    supervisor.conclude(report.exitCode(), report.problems());
  // A large configuration is given back faster as a whole than piece by piece.
  std::_Exit(told ? EXIT_SUCCESS : kExitFailure);
}

}  // namespace
}  // namespace holdfast::config

int main(int count, char** arguments) {
  const holdfast::QuietKjExceptions quiet;
  return holdfast::config::run(count, arguments);
}
