#include "privd/supervisor/pid_paths.h"

namespace holdfast::supervisor {

PidPaths pidPaths(const CommandLine& line, const Plan& plan, const Environment& environment) {
  const std::string& netNamespace =
      line.netNamespace.empty() ? plan.netNamespace : line.netNamespace;
  std::string directory = "/run/";
  if (!environment.runtimeDirectory.empty()) {
    directory = environment.runtimeDirectory + "/";
  } else if (plan.usePidDirectory || !plan.instanceName.empty() || !netNamespace.empty()) {
    directory = "/run/keepalived/";
  }
  std::string suffix = ".pid";
  if (!plan.instanceName.empty()) {
    suffix = "_" + plan.instanceName + suffix;
  }
  if (!netNamespace.empty()) {
    suffix = "_" + netNamespace + suffix;
  }
  return {line.pidFile.value_or(directory + "keepalived" + suffix),
          line.vrrpPidFile.value_or(directory + "vrrp" + suffix)};
}

}  // namespace holdfast::supervisor
