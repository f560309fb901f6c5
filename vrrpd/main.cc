#include <cstdlib>
#include <span>

#include "ipc/descriptors.h"
#include "ipc/event_loop.h"
#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "policy/sandbox.h"
#include "vrrpd/daemon.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  const QuietKjExceptions quiet;
  Log log(kLogFd);
  const auto request =
      policy::workerRequest(policy::Role::kVrrpd, std::span(argv, static_cast<std::size_t>(argc)));
  if (!request) {
    log.error(request.error().message);
    return EXIT_FAILURE;
  }
  const auto sandbox = policy::enterSandbox(*request);
  if (!sandbox) {
    log.error(sandbox.error().message);
    return EXIT_FAILURE;
  }
  log.extraDetail(sandbox->text());
  auto loop = EventLoop::create();
  if (!loop) {
    log.error(loop.error().message);
    return EXIT_FAILURE;
  }
  vrrpd::Daemon daemon(*loop, log, UniqueFd(kControlFd));
  Status status = daemon.watch();
  if (status) {
    status = loop->run();
  }
  if (!status) {
    log.error(status.error().message);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
