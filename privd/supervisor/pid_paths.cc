#include "privd/supervisor/pid_paths.h"

namespace holdfast::supervisor {
namespace {

constexpr const char* kSharedDirectory = "/run/keepalived";

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
  const bool isShared = plan.usePidDirectory || !suffix.empty();
  std::string directory = isShared ? kSharedDirectory : "/run";
  if (!environment.runtimeDirectory.empty()) {
    directory = environment.runtimeDirectory;
  }
  PidPaths paths;
  paths.supervisor = line.pidFile.value_or(directory + "/keepalived" + suffix + ".pid");
  paths.vrrpd = line.vrrpPidFile.value_or(directory + "/vrrp" + suffix + ".pid");
  if (directory == kSharedDirectory && !(line.pidFile && line.vrrpPidFile)) {
    paths.directory = directory;
  }
  return paths;
}

}  // namespace holdfast::supervisor
