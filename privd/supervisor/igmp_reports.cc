#include "privd/supervisor/igmp_reports.h"

#include "privd/supervisor/sysctl_file.h"

namespace holdfast::supervisor {
namespace {

constexpr const char* kFile = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";
constexpr const char* kOff = "0";

}  // namespace

void IgmpReports::disable(const Plan& plan, LogSink& log) {
  if (!plan.disableLocalIgmp) {
    return;
  }
  const auto present = readSysctl(kFile);
  if (present && *present == kOff) {
    return;
  }
  const Status written = present ? writeSysctl(kFile, kOff) : present.error();
  if (written) {
    before_ = *present;
  } else {
    log.own(kWarning, "disable_local_igmp has no effect: " + written.error().message);
  }
}

void IgmpReports::putBack(LogSink& log) {
  if (before_.empty()) {
    return;
  }
  if (Status written = writeSysctl(kFile, before_); !written) {
    log.own(kWarning, "net.ipv4.igmp_link_local_mcast_reports stays 0, and was " + before_ + ": " +
                          written.error().message);
  }
  before_.clear();
}

}  // namespace holdfast::supervisor
