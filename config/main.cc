// confd: compiles the configuration once, and ends. Descriptor 3 takes the sealed messages and the
// verdict, descriptor 4 the diagnostics.
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "config/compiler.h"
#include "config/seal.h"
#include "config/text.h"
#include "ipc/channel.h"
#include "ipc/descriptors.h"
#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "ipc/message.h"
#include "policy/sandbox.h"

namespace holdfast::config {
namespace {

// A verdict of our own, where there is no configuration to speak about.
constexpr int kExitFailure = 70;

struct Options {
  std::string file = "/etc/keepalived/keepalived.conf";
  SourceOptions source;
  bool check = false;
  bool json = false;
  bool dump = false;
};

// False for an unknown argument: only the supervisor starts this program.
bool parseArguments(int count, char** arguments, Options& options) {
  constexpr std::string_view kFile = "--file=";
  constexpr std::string_view kConfigId = "--config-id=";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with(kFile)) {
      options.file = argument.substr(kFile.size());
    } else if (argument.starts_with(kConfigId)) {
      options.source.configId = argument.substr(kConfigId.size());
    } else if (argument == "--all-includes") {
      options.source.checks = IncludeChecks::all();
    } else if (argument == "--check") {
      options.check = true;
    } else if (argument == "--format=json") {
      options.json = true;
    } else if (argument == "--dump") {
      options.dump = true;
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

void waitUntilWritable(int fd) {
  pollfd poller{fd, POLLOUT, 0};
  while (::poll(&poller, 1, -1) < 0 && errno == EINTR) {
  }
}

// Diagnostics are what this program is for: unlike a daemon's, its lines wait for the reader.
void say(Log& log, Log::Severity severity, std::string_view text) {
  waitUntilWritable(kLogFd);
  log.write(severity, 0, text);
}

void report(const Compilation& compilation, const Options& options, Log& log) {
  const bool withFile = compilation.source.files.size() > 1;
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    const auto severity = diagnostic.severity == Severity::kNotice    ? Log::Severity::NOTICE
                          : diagnostic.severity == Severity::kWarning ? Log::Severity::WARNING
                                                                      : Log::Severity::ERROR;
    if (options.json) {
      say(log, severity, jsonLine(diagnostic));
      continue;
    }
    if (!options.check) {
      say(log, severity,
          headline(diagnostic, withFile) +
              (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")"));
      continue;
    }
    for (const std::string& line : textLines(diagnostic, withFile)) {
      say(log, severity, line);
    }
  }
  if (compilation.report.notKept() > 0 && !options.json) {
    say(log, Log::Severity::ERROR,
        "and " + std::to_string(compilation.report.notKept()) + " more problems");
  }
  if (options.dump) {
    for (const SourceLine& line : compilation.source.lines) {
      say(log, Log::Severity::INFO, trimRight(line.text));
    }
  }
}

class Supervisor {
 public:
  Supervisor() : channel_(UniqueFd(kControlFd)) {}

  using Addressee = schema::CompilerEvent::Addressee;

  bool hand(Addressee addressee, std::uint32_t identity, const UniqueFd& sealed) {
    MessageBuffer<schema::CompilerEvent> message;
    auto event = message.root();
    event.setKind(schema::CompilerEvent::Kind::SEALED);
    event.setAddressee(addressee);
    event.setIdentity(identity);
    return sent([&] { return channel_.send(message, sealed.get()); });
  }

  bool conclude(std::uint32_t exitCode, std::uint32_t problems) {
    MessageBuffer<schema::CompilerEvent> message;
    auto event = message.root();
    event.setKind(schema::CompilerEvent::Kind::VERDICT);
    event.setExitCode(exitCode);
    event.setProblems(problems);
    return sent([&] { return channel_.send(message); });
  }

 private:
  template <typename Send>
  bool sent(Send send) {
    for (;;) {
      switch (send()) {
        case SendOutcome::kSent:
          return true;
        case SendOutcome::kFull:
          waitUntilWritable(kControlFd);
          break;
        case SendOutcome::kClosed:
          return false;
      }
    }
  }

  Channel channel_;
};

bool handOver(const Plan& plan, Supervisor& supervisor, Log& log) {
  Result<SealedPlan> sealed = Error{};
  const Status built = catchKj("sealing the configuration", [&]() -> Status {
    sealed = seal(plan);
    return sealed ? success() : Status(sealed.error());
  });
  if (!built) {
    say(log, Log::Severity::ERROR, built.error().message);
    return false;
  }
  using Addressee = Supervisor::Addressee;
  bool handed = supervisor.hand(Addressee::SUPERVISOR, 0, sealed->supervisor) &&
                supervisor.hand(Addressee::PRIVD, 0, sealed->privd) &&
                supervisor.hand(Addressee::VRRPD, 0, sealed->vrrpd);
  for (std::size_t i = 0; handed && i < sealed->scriptds.size(); ++i) {
    handed =
        supervisor.hand(Addressee::SCRIPTD, static_cast<std::uint32_t>(i), sealed->scriptds[i]);
  }
  return handed;
}

int run(int count, char** arguments) {
  Options options;
  options.source.configId = shortHostName();
  options.source.randomSeed = static_cast<std::uint32_t>(std::time(nullptr));
  const bool understood = parseArguments(count, arguments, options);

  // Whatever of the host is not in a file is looked at here: afterwards it cannot be.
  options.source.environment = readEnvironment();
  Host host;
  host.interfaces = interfaceNames();
  host.uid = ::getuid();
  host.gid = ::getgid();

  policy::SandboxRequest sandbox;
  sandbox.role = policy::Role::kConfd;
  sandbox.uid = host.uid;
  sandbox.gid = host.gid;
  sandbox.keepDescriptors = {kControlFd, kLogFd};
  Log log(kLogFd);
  if (const auto entered = policy::enterSandbox(sandbox); !entered) {
    say(log, Log::Severity::ERROR, entered.error().message);
    return kExitFailure;
  }
  if (!understood) {
    say(log, Log::Severity::ERROR, "holdfast-confd is started by holdfast");
    return kExitFailure;
  }
  const Compilation compilation = compile(options.file, options.source, RealFiles(), host);
  report(compilation, options, log);
  Supervisor supervisor;
  if (!compilation.report.refused() && !handOver(compilation.plan, supervisor, log)) {
    return kExitFailure;
  }
  return supervisor.conclude(compilation.report.exitCode(), compilation.report.problems())
             ? EXIT_SUCCESS
             : kExitFailure;
}

}  // namespace
}  // namespace holdfast::config

int main(int count, char** arguments) {
  const holdfast::QuietKjExceptions quiet;
  return holdfast::config::run(count, arguments);
}
