// What the main() of every long-lived process does: first its sandbox, then its work.
#pragma once

#include <sys/prctl.h>

#include <cstdlib>
#include <span>
#include <utility>

#include "ipc/descriptors.h"
#include "ipc/event_loop.h"
#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "policy/sandbox.h"

namespace holdfast::policy {

// Runs `work`, which is given the loop and the log and returns a Status, in the sandbox of `role`.
// Returns the exit status; what went wrong is in the log.
template <typename Work>
[[nodiscard]] int workerMain(Role role, int argc, char** argv, Work&& work) {
  const QuietKjExceptions quiet;
  Log log(kLogFd);
  ::prctl(PR_SET_NAME, argc > 0 ? argv[0] : "");  // the configuration can name it
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  log.setMostDetail(logDetailOf(arguments));
  const Status status = [&]() -> Status {
    const auto request = workerRequest(role, arguments);
    if (!request) {
      return request.error();
    }
    const auto report = enterSandbox(*request);
    if (!report) {
      return report.error();
    }
    log.extraDetail("sandbox: " + report->text());
    auto loop = EventLoop::create();
    if (!loop) {
      return loop.error();
    }
    return std::forward<Work>(work)(*loop, log);
  }();
  if (!status) {
    log.error("cannot go on: " + status.error().message);
  }
  return status ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace holdfast::policy
