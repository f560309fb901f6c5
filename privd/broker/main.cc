// holdfast-privd: the broker (docs/design.md, Processes). Started by the supervisor as
// {"holdfast-privd", uid, gid} with descriptors 3 (control) and 4 (log).
#include <utility>

#include "policy/worker_main.h"
#include "privd/broker/ipvs/linux_edge.h"
#include "privd/broker/linux_kernel.h"
#include "privd/broker/netlink.h"
#include "privd/broker/service.h"

namespace holdfast::privd {
namespace {

Status run(EventLoop& loop, Log& log) {
  // Before the first dump, so that nothing that changes is missed.
  Result<NetlinkNews> news = NetlinkNews::open();
  if (!news) {
    return news.error();
  }
  Result<LinuxKernel> kernel = LinuxKernel::open();
  if (!kernel) {
    return kernel.error();
  }
  ipvs::LinuxEdge edge(*kernel);
  Service service(loop, log, *kernel, edge, std::move(news).value(), UniqueFd(kControlFd));
  if (Status watching = service.watch(); !watching) {
    return watching;
  }
  return loop.run();
}

}  // namespace
}  // namespace holdfast::privd

int main(int argc, char** argv) {
  using namespace holdfast;
  return policy::workerMain(policy::Role::kPrivd, argc, argv, privd::run);
}
