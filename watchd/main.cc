#include "policy/worker_main.h"
#include "watchd/daemon.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  return policy::workerMain(policy::Role::kWatchd, argc, argv, [](EventLoop& loop, Log& log) {
    return watchd::Daemon(loop, log, UniqueFd(kControlFd)).run();
  });
}
