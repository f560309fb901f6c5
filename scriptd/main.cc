#include "policy/worker_main.h"
#include "scriptd/daemon.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  return policy::workerMain(policy::Role::kScriptd, argc, argv, [](EventLoop& loop, Log& log) {
    return scriptd::Daemon(loop, log, UniqueFd(kControlFd)).run();
  });
}
