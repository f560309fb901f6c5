#include "tests/hostile/sandbox/child.h"

#include <cap-ng.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace holdfast::policy {
namespace {

constexpr int kSetupFailed = 99;

void require(bool done, const char* what) {
  if (!done) {
    std::perror(what);
    ::_exit(kSetupFailed);
  }
}

void makePipe(UniqueFd (&ends)[2]) {
  int fds[2] = {-1, -1};
  require(::pipe(fds) == 0, "pipe");
  ends[0].reset(fds[0]);
  ends[1].reset(fds[1]);
}

void setSets(CapabilitySet set) {
  capng_clear(CAPNG_SELECT_ALL);
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (set.has(capability)) {
      capng_update(CAPNG_ADD,
                   static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE),
                   capability);
    }
  }
  require(capng_apply(CAPNG_SELECT_CAPS) == 0, "capset");
}

}  // namespace

void becomeStarted(StartMode mode, CapabilitySet ambient) {
  if (mode == StartMode::kRoot) {
    return;
  }
  require(::setgroups(0, nullptr) == 0, "setgroups");
  require(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0, "keepcaps");
  require(::setresgid(kNobody, kNobody, kNobody) == 0, "setresgid");
  require(::setresuid(kNobody, kNobody, kNobody) == 0, "setresuid");
  require(::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0, "keepcaps");
  setSets(mode == StartMode::kAmbient ? ambient : CapabilitySet{});
  for (unsigned long capability = 0; mode == StartMode::kAmbient && capability < 64; ++capability) {
    if (ambient.has(static_cast<unsigned>(capability))) {
      require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0, "ambient");
    }
  }
}

Child::Child(const Plan& plan) {
  ::signal(SIGPIPE, SIG_IGN);  // a child may be gone before it is told to go on
  makePipe(toChild_);
  makePipe(fromChild_);
  pid_ = ::fork();
  require(pid_ >= 0, "fork");
  if (pid_ == 0) {
    live(plan);
  }
  toChild_[0].reset();
  fromChild_[1].reset();
  char buffer[512];
  ssize_t got = 0;
  while ((got = ::read(fromChild_[0].get(), buffer, sizeof buffer)) > 0) {
    refusal_.append(buffer, static_cast<std::size_t>(got));
    if (refusal_.back() == '\n') {
      refusal_.pop_back();
      return;
    }
  }
  refusal_ += "(died)";
}

Child::~Child() {
  if (pid_ > 0) {
    static_cast<void>(finish());
  }
}

void Child::live(const Plan& plan) {
  plan.before();
  SandboxRequest request = plan.request;
  request.keepDescriptors.push_back(readEnd());
  request.keepDescriptors.push_back(writeEnd());
  const auto entered = enterSandbox(request);
  const std::string text = (entered.ok() ? "" : entered.error().message) + "\n";
  if (::write(writeEnd(), text.data(), text.size()) < 0 || !entered.ok()) {
    ::_exit(kSetupFailed);
  }
  char go = 0;
  if (::read(readEnd(), &go, 1) == 1) {
    plan.afterwards();
  }
  ::_exit(0);
}

void Child::letGo() {
  const char go = 'g';
  if (::write(toChild_[1].get(), &go, 1) != 1) {
    toChild_[1].reset();  // it is gone already
  }
}

int Child::finish() {
  letGo();
  toChild_[1].reset();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

void say(bool asWished) {
  ::_exit(asWished ? 0 : 1);
}

}  // namespace holdfast::policy
