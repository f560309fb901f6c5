#include "privd/supervisor/compiler.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "ipc/schemas/messages.capnp.h"
#include "ipc/sealed.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

using Event = schema::CompilerEvent;
using Peer = schema::ControlRequest::Peer;

// Of confd. What it gives back is needed again at once: to give it to the kernel, and to have it
// zeroed again, takes longer than anything that is done with it.
constexpr const char* kMalloc =
    "GLIBC_TUNABLES=glibc.malloc.trim_threshold=1073741824:glibc.malloc.mmap_threshold=33554432:"
    "glibc.malloc.top_pad=1048576";

constexpr int kExitAnyProblem = 5;
constexpr int kEventsInATurn = 16;
// Of one that is dead: a sealed message for each worker, and the verdict.
constexpr int kEventsAtTheEnd = 5 + static_cast<int>(kMaxIdentities);

std::vector<std::string> argumentsOf(const CompilerOptions& options) {
  std::vector<std::string> arguments{"holdfast-confd", "--file=" + options.file,
                                     "--config-id=" + options.configId};
  const std::pair<bool, const char*> flags[] = {
      {options.allIncludeChecks, "--all-includes"},
      {options.check, "--check"},
      {options.json, "--format=json"},
      {options.dump, "--dump"},
      {options.strict, "--strict"},
      {options.withoutVrrp, "--without-vrrp"},
      {options.withoutCheckers, "--without-checkers"},
      {options.assumeAllInterfaces, "--assume-all-interfaces"}};
  for (const auto& [given, flag] : flags) {
    if (given) {
      arguments.emplace_back(flag);
    }
  }
  if (!options.assumedInterfaces.empty()) {
    arguments.push_back("--assume-interfaces=" + options.assumedInterfaces);
  }
  if (!options.credentialsDirectory.empty()) {
    arguments.push_back("--credentials=" + options.credentialsDirectory);
  }
  return arguments;
}

}  // namespace

Result<Plan> permittedPlan(const Compilation& compilation, const Site& site) {
  auto plan = readPlan(compilation.supervisor.get());
  if (plan) {
    if (Status permitted = site.permits(*plan); !permitted) {
      return permitted.error();
    }
  }
  return plan;
}

Result<Plan> planOf(const Compilation& compilation, const CommandLine& line, const Site& site) {
  auto plan = permittedPlan(compilation, site);
  if (!plan) {
    return plan.error();
  }
  std::vector<WorkerId> needed{kPrivd, kVrrpd};
  if (plan->startChecker) {
    needed.push_back(kCheckd);
  }
  for (std::uint32_t identity = 0; identity < plan->identities.size(); ++identity) {
    needed.push_back({Peer::SCRIPTD, identity});
  }
  if (plan->startWatch) {
    needed.push_back(kWatchd);
  }
  if (needed.size() != compilation.workers.size() ||
      plan->startChecker != compilation.ipvs.valid() ||
      !std::ranges::all_of(needed, [&](WorkerId id) { return compilation.workers.contains(id); })) {
    return Error{"confd did not write a configuration for each worker"};
  }
  plan->startVrrp = plan->startVrrp && line.startVrrp;
  plan->startChecker = plan->startChecker && line.startChecker;
  return plan;
}

Compiler::Compiler(EventLoop& loop, LogReader::Consumer line, Done done)
    : loop_(loop),
      line_(std::move(line)),
      done_(std::move(done)),
      timeLimit_(loop, [this](TimePoint, Duration) {
        refuse("the configuration took too long to read");
      }) {}

Compiler::~Compiler() {
  if (child_.control.open()) {
    loop_.removeReader(child_.control.fd());
  }
}

Status Compiler::start(const CompilerOptions& options) {
  policy::SandboxRequest sandbox;
  sandbox.role = policy::Role::kConfd;
  sandbox.uid = ::getuid();
  sandbox.gid = ::getgid();
  std::vector<std::string> environment = options.variables;
  environment.emplace_back(kMalloc);
  auto child = spawn({std::string(kLibexecDir) + "/holdfast-confd", argumentsOf(options), sandbox,
                      std::move(environment)});
  if (!child) {
    return child.error();
  }
  child_ = std::move(child).value();
  log_ = std::make_unique<LogReader>(loop_, std::move(child_.log), "Keepalived_config", child_.pid,
                                     line_, [this] { refuse("confd sent a malformed message"); });
  if (Status watched = log_->watch(); !watched) {
    return watched;
  }
  timeLimit_.arm(EventLoop::now() + kTimeLimit);
  return loop_.addReader(child_.control.fd(), Turn::kRest, [this] { readEvents(kEventsInATurn); });
}

void Compiler::readEvents(int most) {
  Received received;
  for (int i = 0; i < most; ++i) {
    child_.control.receive(received);
    switch (received.kind) {
      case Received::Kind::kMessage:
        take(received);
        break;
      case Received::Kind::kWouldBlock:
        return;
      case Received::Kind::kMalformed:
        refuse("confd sent a malformed message");
        [[fallthrough]];
      case Received::Kind::kEndOfFile:
        loop_.removeReader(child_.control.fd());
        child_.control.close();
        return;
    }
  }
}

void Compiler::take(Received& received) {
  const Decoded<Event> decoded(received.segment());
  if (!decoded) {
    refuse("confd sent a malformed message");
    return;
  }
  const auto event = decoded.root();
  if (event.getKind() == Event::Kind::VERDICT) {
    hasVerdict_ = true;
    result_.exitCode = static_cast<int>(event.getExitCode());
    return;
  }
  if (Status sealed = checkSealed(received.fd.get()); !sealed) {
    refuse(sealed.error().message);
    return;
  }
  switch (event.getAddressee()) {
    case Event::Addressee::SUPERVISOR:
      result_.supervisor = std::move(received.fd);
      return;
    case Event::Addressee::PRIVD:
      result_.workers[kPrivd] = std::move(received.fd);
      return;
    case Event::Addressee::VRRPD:
      result_.workers[kVrrpd] = std::move(received.fd);
      return;
    case Event::Addressee::SCRIPTD:
      if (event.getIdentity() < kMaxIdentities) {
        result_.workers[{Peer::SCRIPTD, event.getIdentity()}] = std::move(received.fd);
        return;
      }
      break;
    case Event::Addressee::WATCHD:
      result_.workers[kWatchd] = std::move(received.fd);
      return;
    case Event::Addressee::IPVS:
      result_.ipvs = std::move(received.fd);
      return;
    case Event::Addressee::CHECKD:
      result_.workers[kCheckd] = std::move(received.fd);
      return;
  }
  refuse("confd sent a malformed message");
}

// Nothing that it says can count any more.
void Compiler::refuse(std::string failure) {
  if (result_.failure.empty()) {
    result_.failure = std::move(failure);
    if (!hasEnded_) {
      ::kill(child_.pid, SIGKILL);
    }
  }
}

void Compiler::ended(int waitStatus) {
  hasEnded_ = true;  // before anything else: its pid can be another process's by now
  timeLimit_.disarm();
  if (child_.control.open()) {
    readEvents(kEventsAtTheEnd);
  }
  log_->drain();
  const bool clean = WIFEXITED(waitStatus) && WEXITSTATUS(waitStatus) != 127 && hasVerdict_;
  if (!clean) {
    refuse(WIFSIGNALED(waitStatus)
               ? "confd was ended by signal " + std::to_string(WTERMSIG(waitStatus))
               : "confd ended with status " + std::to_string(WEXITSTATUS(waitStatus)));
  }
  result_.sealed = result_.failure.empty() && result_.supervisor.valid();
  if (!result_.failure.empty() && result_.exitCode == 0) {
    result_.exitCode = kExitAnyProblem;
  }
  done_(std::move(result_));
}

}  // namespace holdfast::supervisor
