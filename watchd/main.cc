#include <unistd.h>

#include <cstdlib>
#include <span>

#include "ipc/descriptors.h"
#include "ipc/kj_edge.h"
#include "policy/sandbox.h"
#include "watchd/daemon.h"

namespace {

using namespace holdfast;

int fail(Log& log, const Error& error) {
  log.error("cannot go on: " + error.message);
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const QuietKjExceptions quiet;
  Log log(kLogFd);
  auto request =
      policy::workerRequest(policy::Role::kWatchd, std::span(argv, static_cast<std::size_t>(argc)));
  if (!request) {
    return fail(log, request.error());
  }
  const auto report = policy::enterSandbox(*request);
  if (!report) {
    return fail(log, report.error());
  }
  log.detail("sandbox: " + report->text());
  auto loop = EventLoop::create();
  if (!loop) {
    return fail(log, loop.error());
  }
  watchd::Daemon daemon(*loop, log, UniqueFd(kControlFd));
  if (const Status status = daemon.watch(); !status) {
    return fail(log, status.error());
  }
  if (const Status status = loop->run(); !status) {
    return fail(log, status.error());
  }
  return daemon.failed() ? EXIT_FAILURE : EXIT_SUCCESS;
}
