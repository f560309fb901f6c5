#include "scriptd/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "scriptd/process_tree.h"

namespace holdfast::scriptd {
namespace {

// Pipes that outlive their run; the oldest is closed when there are more.
constexpr std::size_t kMaxLingering = 32;

std::vector<char*> pointersTo(std::span<const std::string> words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));  // execve(2) does not write to them
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Only the read end does not block: the flag of the other one is the script's own.
Result<std::pair<UniqueFd, UniqueFd>> createOutputPipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return systemError("pipe");
  }
  std::pair<UniqueFd, UniqueFd> pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
    return systemError("fcntl");
  }
  return pipe;
}

RunResult resultOf(int status, Duration ran) {
  if (WIFSIGNALED(status)) {
    return {Outcome::kSignalled, static_cast<std::uint32_t>(WTERMSIG(status)), ran};
  }
  return {Outcome::kExited, static_cast<std::uint32_t>(WEXITSTATUS(status)), ran};
}

}  // namespace

Runner::Runner(EventLoop& loop, Log& log, RunnerSettings settings, Ended ended)
    : loop_(loop), log_(log), settings_(std::move(settings)), ended_(std::move(ended)) {}

Runner::~Runner() {
  if (childSignal_) {
    loop_.removeReader(childSignal_.get());
  }
}

Status Runner::watch() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  childSignal_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!childSignal_ || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return systemError("signalfd, subreaper");
  }
  if (::chdir("/") != 0) {
    return systemError("chdir /");
  }
  return loop_.addReader(childSignal_.get(), Turn::kRest, [this] { reap(); });
}

std::optional<RunResult> Runner::start(SlotId slot, Command& command,
                                       std::span<const std::string> moreArguments) {
  const TimePoint now = EventLoop::now();
  const policy::ScriptVerdict verdict = policy::walkScriptPath(command.path(), settings_.identity);
  command.noteVerdict(log_, now, verdict, settings_.identity, settings_.scriptSecurity);
  if (!verdict.mayRun(settings_.scriptSecurity)) {
    return RunResult{Outcome::kNotStarted, 0, {}};
  }
  auto pipe = createOutputPipe();
  Run run{0, now, false, &command, nullptr};
  if (pipe) {
    run.output = std::make_unique<OutputPipe>(loop_, std::move(pipe->first),
                                              [this, &command](std::string_view line) {
                                                command.noteOutput(log_, EventLoop::now(), line);
                                              });
  }
  const Status watched = pipe ? run.output->watch() : Status(pipe.error());
  const Result<pid_t> pid = watched
                                ? launchCommand(verdict, command, moreArguments, pipe->second.get())
                                : Result<pid_t>(watched.error());
  command.noteStart(log_, now, pid ? success() : Status(pid.error()));
  if (!pid) {
    return RunResult{Outcome::kNotStarted, static_cast<std::uint32_t>(pid.error().code), {}};
  }
  run.pid = *pid;
  runs_.insert_or_assign(slot, std::move(run));
  return std::nullopt;
}

Result<pid_t> Runner::launchCommand(const policy::ScriptVerdict& verdict, const Command& command,
                                    std::span<const std::string> moreArguments, int output) const {
  std::vector<std::string> words;
  LaunchPlan plan;
  switch (verdict.format) {
    case policy::ScriptFormat::kElf:
    case policy::ScriptFormat::kUnknown:
      plan.file = verdict.file.get();
      break;
    case policy::ScriptFormat::kInterpreted:
      plan.path = command.path().c_str();
      break;
    case policy::ScriptFormat::kPlainText:
      plan.path = verdict.interpreter.c_str();
      words.push_back(verdict.interpreter);
      break;
  }
  words.insert(words.end(), command.arguments().begin(), command.arguments().end());
  words.insert(words.end(), moreArguments.begin(), moreArguments.end());
  const std::vector<char*> arguments = pointersTo(words);
  const std::vector<char*> environment = pointersTo(settings_.environment);
  plan.arguments = arguments.data();
  plan.environment = environment.data();
  plan.output = output;
  plan.noNewPrivileges = settings_.noNewPrivileges;
  return launch(plan);
}

void Runner::terminate(SlotId slot) {
  if (const auto run = runs_.find(slot); run != runs_.end()) {
    run->second.ending = true;
    ::kill(-run->second.pid, SIGTERM);
  }
}

void Runner::kill(SlotId slot) {
  if (const auto run = runs_.find(slot); run != runs_.end()) {
    run->second.ending = true;
    killDescendants(run->second.pid);
    ::kill(-run->second.pid, SIGKILL);
  }
}

void Runner::reap() {
  signalfd_siginfo ignored{};
  while (::read(childSignal_.get(), &ignored, sizeof(ignored)) > 0) {
  }
  siginfo_t info{};
  // Each is looked at while it is still a zombie: until it is reaped its group's number is its own.
  while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
    reapOne(info.si_pid);
    info.si_pid = 0;
  }
}

void Runner::reapOne(pid_t pid) {
  const auto run = std::find_if(runs_.begin(), runs_.end(),
                                [pid](const auto& entry) { return entry.second.pid == pid; });
  if (run != runs_.end()) {
    if (run->second.ending) {
      endLeftovers(run->second);
    } else {
      spareLeftovers();
    }
  }
  int status = 0;
  ::waitpid(pid, &status, WNOHANG);
  spared_.erase(pid);
  if (run != runs_.end()) {
    finish(run, status);
  }
}

void Runner::finish(std::map<SlotId, Run>::iterator run, int status) {
  const SlotId slot = run->first;
  const Duration ran = EventLoop::now() - run->second.began;
  std::unique_ptr<OutputPipe> output = std::move(run->second.output);
  runs_.erase(run);
  linger(std::move(output));
  ended_(slot, resultOf(status, ran));
}

void Runner::linger(std::unique_ptr<OutputPipe> output) {
  lingering_.push_back(std::move(output));
  const auto position = std::prev(lingering_.end());
  if (!(*position)->finish([this, position] { lingering_.erase(position); })) {
    lingering_.erase(position);
  } else if (lingering_.size() > kMaxLingering) {
    lingering_.pop_front();
  }
}

std::set<pid_t> Runner::leaders() const {
  std::set<pid_t> pids;
  for (const auto& [slot, run] : runs_) {
    pids.insert(run.pid);
  }
  return pids;
}

void Runner::spareLeftovers() {
  const std::set<pid_t> known = leaders();
  for (const pid_t child : childrenOf(::getpid())) {
    if (!known.contains(child)) {
      spared_.insert(child);
    }
  }
}

void Runner::endLeftovers(const Run& run) {
  ::kill(-run.pid, SIGKILL);
  std::set<pid_t> spared = leaders();
  spared.insert(spared_.begin(), spared_.end());
  const std::vector<pid_t> refused = killAdopted(spared);
  if (!refused.empty()) {
    log_.warning(run.command->label() + ": " + std::to_string(refused.size()) +
                 " processes of another user could not be ended, the first is pid " +
                 std::to_string(refused.front()));
  }
}

}  // namespace holdfast::scriptd
