#include "privd/supervisor/startup.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ipc/event_loop.h"
#include "privd/supervisor/check.h"
#include "privd/supervisor/command_line.h"
#include "privd/supervisor/compile_once.h"
#include "privd/supervisor/environment.h"
#include "privd/supervisor/fifo_set.h"
#include "privd/supervisor/igmp_reports.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/pid_paths.h"
#include "privd/supervisor/ping_groups.h"
#include "privd/supervisor/privileges.h"
#include "privd/supervisor/process_start.h"
#include "privd/supervisor/signals.h"
#include "privd/supervisor/supervisor.h"
#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

int printError(const Error& error, int exitCode) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return exitCode;
}

// holdfast posture ..., config ... and migrate ...: programs of their own, without a privilege of
// this one.
void runTool(std::span<char* const> arguments) {
  const std::string_view word = arguments.size() > 1 ? arguments[1] : "";
  if (word == "posture" || word == "config" || word == "migrate") {
    const std::string path = std::string(kLibexecDir) + "/holdfast-" + std::string(word);
    ::execv(path.c_str(), arguments.data() + 1);
    std::fprintf(stderr, "cannot run %s: %m\n", path.c_str());
    ::_exit(kExitFailure);
  }
}

struct Failure {
  Error error;
  int exitCode = kExitFailure;
};

struct PidFiles {
  std::string directory;
  PidFile supervisor;
  PidFile vrrpd;
  PidFile checkd;
};

// Everything that has to be there before the first worker starts.
struct Prepared {
  Site site;
  IgmpReports igmpReports;
  Plan plan;
  Compilation compilation;
  PidFiles pidFiles;
  WorkerUsers users;
  FifoSet fifos;
};

Failure pidFileFailure(const Error& error) {
  return error.code == kPidFileHeld
             ? Failure{Error{"daemon is already running: " + error.message}, kExitAlreadyRunning}
             : Failure{error, kExitPermission};
}

std::variant<PidFiles, Failure> acquirePidFiles(const PidPaths& paths, const Plan& plan) {
  if (!paths.directory.empty()) {
    if (Status made = makePidDirectory(paths.directory); !made) {
      return Failure{made.error(), kExitPermission};
    }
  }
  auto supervisor = PidFile::acquire(paths.supervisor);
  if (!supervisor) {
    return pidFileFailure(supervisor.error());
  }
  auto vrrpd = PidFile::acquire(paths.vrrpd);
  if (!vrrpd) {
    supervisor->remove();
    return pidFileFailure(vrrpd.error());
  }
  auto checkd = plan.startChecker ? PidFile::acquire(paths.checkd) : PidFile();
  if (!checkd) {
    vrrpd->remove();
    supervisor->remove();
    return pidFileFailure(checkd.error());
  }
  return PidFiles{paths.directory, std::move(supervisor).value(), std::move(vrrpd).value(),
                  std::move(checkd).value()};
}

void removePidFiles(PidFiles& files) {
  files.checkd.remove();
  files.vrrpd.remove();
  files.supervisor.remove();
  removePidDirectory(files.directory);
}

// The command line's has been entered before the file was read, so that its interfaces are known.
Status enterConfiguredNamespace(const CommandLine& line, const Plan& plan, LogSink& log) {
  if (line.netNamespace.empty()) {
    return enterNetNamespace(plan.netNamespace);
  }
  if (!plan.netNamespace.empty() && plan.netNamespace != line.netNamespace) {
    log.own(kInfo, "Overriding config net_namespace '" + plan.netNamespace +
                       "' with command line namespace '" + line.netNamespace + "'");
  }
  return success();
}

std::variant<Prepared, Failure> prepare(const CommandLine& line, const Environment& environment,
                                        LogSink& log) {
  if (Status permitted = checkPermissions(); !permitted) {
    return Failure{permitted.error(), kExitPermission};
  }
  if (Status entered = enterNetNamespace(line.netNamespace); !entered) {
    return Failure{entered.error(), kExitPermission};
  }
  auto users = workerUsers();
  if (!users) {
    return Failure{users.error(), kExitPermission};
  }
  auto site = Site::read();
  if (!site) {
    return Failure{site.error(), kExitConfig};
  }
  auto compilation = compileOnce(line, [&](const LogRecord& record) { log.write(record); });
  if (!compilation) {
    return Failure{compilation.error(), kExitFailure};
  }
  if (!compilation->sealed) {
    const std::string why = compilation->failure.empty()
                                ? "the configuration cannot be used: see the lines above"
                                : compilation->failure;
    return Failure{Error{why}, compilation->exitCode == 4 ? kExitConfigFile : kExitConfig};
  }
  auto plan = planOf(*compilation, line, *site);
  if (!plan) {
    return Failure{plan.error(), kExitConfig};
  }
  if (Status entered = enterConfiguredNamespace(line, *plan, log); !entered) {
    return Failure{entered.error(), kExitPermission};
  }
  log.setIdentSuffix(nameSuffix(line, *plan));
  auto pidFiles = acquirePidFiles(pidPaths(line, *plan, environment), *plan);
  if (const auto* failure = std::get_if<Failure>(&pidFiles)) {
    return *failure;
  }
  letPing(*plan, *users, log);
  checkLowPorts(*plan, log);
  IgmpReports igmpReports;
  igmpReports.disable(*plan, log);
  FifoSet fifos;
  fifos.open(*plan, log);
  return Prepared{std::move(site).value(),
                  std::move(igmpReports),
                  std::move(plan).value(),
                  std::move(compilation).value(),
                  std::get<PidFiles>(std::move(pidFiles)),
                  *users,
                  std::move(fifos)};
}

// What stays open across the drop.
std::vector<int> descriptorsOf(const Prepared& prepared, const LogSink& log,
                               const ServiceManager& manager) {
  std::vector<int> all{manager.fd(),
                       prepared.pidFiles.supervisor.fd(),
                       prepared.pidFiles.vrrpd.fd(),
                       prepared.pidFiles.checkd.fd(),
                       prepared.site.text(),
                       prepared.compilation.supervisor.get(),
                       prepared.compilation.ipvs.get()};
  for (const int descriptor : log.descriptors()) {
    all.push_back(descriptor);
  }
  for (const auto& [id, config] : prepared.compilation.workers) {
    all.push_back(config.get());
  }
  for (const int descriptor : prepared.fifos.descriptors()) {
    all.push_back(descriptor);
  }
  std::erase(all, -1);
  return all;
}

int supervise(const CommandLine& line, const Environment& environment, Prepared& prepared,
              LogSink& log, const ServiceManager& manager) {
  auto loop = EventLoop::create();
  if (!loop) {
    log.own(kError, loop.error().message);
    return kExitFailure;
  }
  Supervisor supervisor({*loop, log, manager, prepared.pidFiles.vrrpd, prepared.pidFiles.checkd,
                         prepared.fifos, line, prepared.site, environment, prepared.users},
                        std::move(prepared.plan), std::move(prepared.compilation));
  SignalSource signals(*loop,
                       {.stop = [&] { supervisor.stop(); },
                        .reload = [&] { supervisor.reload(); },
                        .dump = [&](int signal) { supervisor.dump(signal); },
                        .reaped = [&](pid_t pid, int status) { supervisor.reaped(pid, status); }});
  if (Status watched = signals.watch(); !watched) {
    log.own(kError, watched.error().message);
    return kExitFailure;
  }
  supervisor.start();
  if (Status ran = loop->run(); !ran) {
    log.own(kError, ran.error().message);
    return kExitFailure;
  }
  return supervisor.exitCode();
}

// Detached where that is asked for, with a pid file, and with the least that is enough.
int runPrepared(const CommandLine& line, const Environment& environment, Prepared& prepared,
                LogSink& log, const ServiceManager& manager) {
  if (Status detached = line.foreground ? success() : detach(); !detached) {
    return printError(detached.error(), kExitFailure);
  }
  if (Status written = prepared.pidFiles.supervisor.write(::getpid()); !written) {
    log.own(kError, written.error().message);
    return kExitPermission;
  }
  keepMemoryLimitOpen();
  const auto dropped =
      dropPrivileges(prepared.plan, prepared.users, descriptorsOf(prepared, log, manager));
  if (!dropped) {
    log.own(kError, "cannot drop privileges: " + dropped.error().message);
    return kExitPermission;
  }
  log.own(kInfo, "supervisor: " + *dropped, 1);
  blockSignals();
  return supervise(line, environment, prepared, log, manager);
}

int runDaemon(const CommandLine& line, const Environment& environment) {
  const bool console = line.foreground && line.console;
  LogSink log({console, line.syslog, line.facility, line.detail});
  const ServiceManager manager(environment.notifySocket, environment.watchdog);
  log.own(kInfo, std::string("Starting Holdfast v") + kVersion);
  auto prepared = prepare(line, environment, log);
  if (const auto* failure = std::get_if<Failure>(&prepared)) {
    log.own(kError, failure->error.message);
    if (!console) {
      std::fprintf(stderr, "%s\n", failure->error.message.c_str());
    }
    return failure->exitCode;
  }
  Prepared& ready = std::get<Prepared>(prepared);
  const int exitCode = runPrepared(line, environment, ready, log, manager);
  ready.igmpReports.putBack(log);
  removePidFiles(ready.pidFiles);
  log.own(kInfo, std::string("Stopped Holdfast v") + kVersion);
  return exitCode;
}

}  // namespace

int run(std::span<char* const> arguments) {
  ensureStandardDescriptors();
  closeInheritedDescriptors();
  runTool(arguments);
  const Environment environment = takeEnvironment();
  blockSignals();
  auto line = parseCommandLine(arguments);
  if (!line) {
    return printError(line.error(), kExitFailure);
  }
  line->credentialsDirectory = environment.credentialsDirectory;
  line->variables = environment.variables;
  if (line->action == CommandLine::Action::kPrint) {
    std::fputs(line->printed.c_str(), line->printToStdout ? stdout : stderr);
    return kExitOk;
  }
  for (const std::string& remark : line->remarks) {
    std::fprintf(stderr, "%s\n", remark.c_str());
  }
  if (line->action == CommandLine::Action::kTest) {
    return runCheck(*line);
  }
  return runDaemon(*line, environment);
}

}  // namespace holdfast::supervisor
