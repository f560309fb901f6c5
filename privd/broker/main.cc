// holdfast-privd: the broker (docs/design.md, Processes). Started by the supervisor as
// {"holdfast-privd", uid, gid} with descriptors 3 (control) and 4 (log).
#include <span>
#include <string>
#include <utility>

#include "ipc/descriptors.h"
#include "ipc/event_loop.h"
#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "policy/sandbox.h"
#include "privd/broker/linux_kernel.h"
#include "privd/broker/netlink.h"
#include "privd/broker/service.h"

namespace holdfast::privd {
namespace {

Status enterSandbox(std::span<char* const> arguments, Log& log) {
  const auto request = policy::workerRequest(policy::Role::kPrivd, arguments);
  if (!request) {
    return request.error();
  }
  const auto report = policy::enterSandbox(*request);
  if (!report) {
    return report.error();
  }
  log.extraDetail(report->text());
  return success();
}

Status run(std::span<char* const> arguments, Log& log) {
  if (Status confined = enterSandbox(arguments, log); !confined) {
    return confined;
  }
  Result<EventLoop> loop = EventLoop::create();
  if (!loop) {
    return loop.error();
  }
  // Before the first dump, so that nothing that changes is missed.
  Result<NetlinkNews> news = NetlinkNews::open();
  if (!news) {
    return news.error();
  }
  Result<LinuxKernel> kernel = LinuxKernel::open();
  if (!kernel) {
    return kernel.error();
  }
  Service service(*loop, log, *kernel, std::move(news).value(), UniqueFd(kControlFd));
  if (Status watching = service.watch(); !watching) {
    return watching;
  }
  return loop->run();
}

}  // namespace
}  // namespace holdfast::privd

int main(int argc, char** argv) {
  holdfast::QuietKjExceptions quiet;
  holdfast::Log log(holdfast::kLogFd);
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  const holdfast::Status status = holdfast::privd::run(arguments, log);
  if (!status) {
    log.error("privd: " + status.error().message);
    return 1;
  }
  return 0;
}
