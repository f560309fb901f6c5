#include "privd/supervisor/pid_paths.h"

namespace holdfast::supervisor {
namespace {

constexpr const char* kSharedDirectory = "/run/keepalived";

std::string runDirectory(const Plan& plan, const Environment& environment,
                         const std::string& suffix) {
  if (!environment.runtimeDirectory.empty()) {
    return environment.runtimeDirectory;
  }
  return plan.usePidDirectory || !suffix.empty() ? kSharedDirectory : "/run";
}

}  // namespace

const std::string& netNamespaceOf(const CommandLine& line, const Plan& plan) {
  return line.netNamespace.empty() ? plan.netNamespace : line.netNamespace;
}

std::string nameSuffix(const CommandLine& line, const Plan& plan) {
  std::string suffix;
  for (const std::string* name : {&netNamespaceOf(line, plan), &plan.instanceName}) {
    if (!name->empty()) {
      suffix += "_" + *name;
    }
  }
  return suffix;
}

PidPaths pidPaths(const CommandLine& line, const Plan& plan, const Environment& environment) {
  const std::string suffix = nameSuffix(line, plan);
  const std::string directory = runDirectory(plan, environment, suffix);
  PidPaths paths;
  paths.supervisor = line.pidFile.value_or(directory + "/keepalived" + suffix + ".pid");
  paths.vrrpd = line.vrrpPidFile.value_or(directory + "/vrrp" + suffix + ".pid");
  paths.checkd = line.checkersPidFile.value_or(directory + "/checkers" + suffix + ".pid");
  if (directory == kSharedDirectory && !(line.pidFile && line.vrrpPidFile && line.checkersPidFile)) {
    paths.directory = directory;
  }
  return paths;
}

std::string dumpPath(StateDump::What what, const CommandLine& line, const Plan& plan,
                     const Environment& environment) {
  const std::string suffix = nameSuffix(line, plan);
  const auto pathOr = [&](const std::string& configured, const char* extension) {
    return configured.empty()
               ? runDirectory(plan, environment, suffix) + "/keepalived" + suffix + extension
               : configured;
  };
  switch (what) {
    case StateDump::What::kStatistics:
    case StateDump::What::kStatisticsAndClear:
      return pathOr(plan.statsDumpFile, ".stats");
    case StateDump::What::kData:
      return pathOr(plan.stateDumpFile, ".data");
    case StateDump::What::kJson:
      return pathOr(plan.jsonDumpFile, ".json");
  }
  return {};
}

}  // namespace holdfast::supervisor
