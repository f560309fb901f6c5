#include "checkd/daemon.h"
#include "checkd/tls_context.h"
#include "policy/worker_main.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  checkd::TlsContext::prepareLibrary();
  return policy::workerMain(policy::Role::kCheckd, argc, argv, [](EventLoop& loop, Log& log) {
    return checkd::Daemon(loop, log, UniqueFd(kControlFd)).run();
  });
}
