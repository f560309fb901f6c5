#include "policy/worker_main.h"
#include "vrrpd/daemon.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  return policy::workerMain(policy::Role::kVrrpd, argc, argv, [](EventLoop& loop, Log& log) {
    return vrrpd::Daemon(loop, log, UniqueFd(kControlFd)).run();
  });
}
