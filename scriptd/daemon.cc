#include "scriptd/daemon.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ipc/answer_load.h"
#include "scriptd/environment.h"

namespace holdfast::scriptd {
namespace {

const char* nameOf(HookState state) {
  switch (state) {
    case HookState::kInit:
      return "INIT";
    case HookState::kBackup:
      return "BACKUP";
    case HookState::kMaster:
      return "MASTER";
    case HookState::kFault:
      return "FAULT";
    case HookState::kStop:
      return "STOP";
    case HookState::kDeleted:
      return "DELETED";
    case HookState::kOfServer:
      return "";
  }
  return "";
}

// As the log names instances and groups.
std::string labelOf(const HookEntry& hook) {
  return (hook.ofGroup ? "VRRP_Group(" : "(") + hook.ownerName + ") " + hook.keyword;
}

const char* reasonText(HookDropReason reason) {
  switch (reason) {
    case HookDropReason::kStale:
      return "the state has changed again";
    case HookDropReason::kTooMany:
      return "too many are waiting";
    case HookDropReason::kStopping:
      return "scripts have one second to end";
  }
  return "";
}

}  // namespace

Daemon::Daemon(EventLoop& loop, Log& log, UniqueFd control)
    : loop_(loop),
      log_(log),
      control_(loop, std::move(control),
               {
                   .load = [this](Generation generation,
                                  const UniqueFd& sealed) { load(generation, sealed); },
                   .attach = [this](schema::ControlRequest::Peer peer, std::uint32_t,
                                    UniqueFd channel) { attach(peer, std::move(channel)); },
                   .start = [this] { start(); },
                   .stop = [this] { stop(); },
                   .retire = nullptr,
                   .dump = nullptr,
                   .notebook = nullptr,
                   .fifo = nullptr,
                   .runService = [this](std::uint32_t service) { runService(service); },
               }),
      tracker_(
          loop, log, [this](const HookCall& call) { notify(call); }, [this] { giveUp(); }),
      checker_(loop, log,
               {.check = [this](std::uint32_t check) { return runCheck(check); },
                .notify = [this](std::uint32_t virtualServer,
                                 std::uint32_t notifier) { notifyServer(virtualServer, notifier); },
                .misbehaved = [this] { giveUp(); }}),
      timer_(loop, [this](TimePoint now, Duration) {
        schedule_.tick(now);
        perform();
      }) {}

Status Daemon::run() {
  if (Status watching = control_.watch(); !watching) {
    return watching;
  }
  if (Status ran = loop_.run(); !ran) {
    return ran;
  }
  return failed_ ? Status(Error{"a peer broke the rules of its channel"}) : success();
}

void Daemon::load(Generation generation, const UniqueFd& sealed) {
  if (table_) {
    control_.loaded(generation, EBUSY);
    return;
  }
  answerLoad<schema::ScriptConfig>(
      control_, log_, generation, sealed,
      [this, generation](schema::ScriptConfig::Reader config, std::uint32_t&) -> Status {
        auto table = readScriptTable(config);
        return table ? adopt(generation, std::move(table).value()) : Status(table.error());
      });
}

Status Daemon::adopt(Generation generation, ScriptTable table) {
  if (table.uid != ::geteuid() || table.gid != ::getegid()) {
    return Error{
        "it is for uid " + std::to_string(table.uid) + ", gid " + std::to_string(table.gid), EPERM};
  }
  const policy::ScriptIdentity identity{table.uid, table.gid};
  runner_ = std::make_unique<Runner>(
      loop_, log_,
      RunnerSettings{identity, table.scriptSecurity, table.noNewPrivileges,
                     buildEnvironment(table.userName, identity, table.scriptSecurity)},
      [this](SlotId slot, const RunResult& result) { ended(slot, result); });
  if (Status status = runner_->watch(); !status) {
    return status;
  }
  fillCommands(table);
  std::vector<ScriptTiming> timings;
  for (const ScriptEntry& script : table.scripts) {
    timings.push_back(script.timing);
  }
  std::vector<Duration> services;
  for (const ServiceEntry& service : table.services) {
    services.push_back(service.timeout);
  }
  for (const CheckEntry& check : table.checks) {
    services.push_back(check.timeout);
  }
  schedule_ = Schedule(timings, table.queues + table.notifiers.size(), services);
  tracker_.configure(generation, table.scripts.size(), table.hooks.size());
  checker_.configure(generation, table.checks.size(), table.notifiers.size());
  table_ = std::move(table);
  return success();
}

void Daemon::fillCommands(const ScriptTable& table) {
  for (const ScriptEntry& script : table.scripts) {
    scriptCommands_.emplace_back("VRRP_Script(" + script.name + ")", script.arguments);
  }
  for (const HookEntry& hook : table.hooks) {
    hookCommands_.emplace_back(labelOf(hook), hook.arguments);
  }
  for (const NotifierEntry& notifier : table.notifiers) {
    hookCommands_.emplace_back(notifier.name, notifier.arguments);
  }
  for (const ServiceEntry& service : table.services) {
    serviceCommands_.emplace_back(service.keyword, service.arguments);
  }
  for (const CheckEntry& check : table.checks) {
    serviceCommands_.emplace_back("Misc check of " + check.name, check.arguments);
  }
}

void Daemon::attach(schema::ControlRequest::Peer peer, UniqueFd channel) {
  if (peer == schema::ControlRequest::Peer::VRRPD && table_) {
    tracker_.attach(std::move(channel));
  } else if (peer == schema::ControlRequest::Peer::CHECKD && table_) {
    checker_.attach(std::move(channel));
  }
}

void Daemon::start() {
  if (table_ && !std::exchange(started_, true)) {
    // Before the first run, which may have to wait for a file system.
    control_.ready();
    schedule_.start(EventLoop::now());
    perform();
  }
}

void Daemon::stop() {
  // The last notifications were sent before the supervisor's request, on another channel.
  tracker_.drain();
  checker_.drain();
  schedule_.stop(EventLoop::now());
  perform();
}

void Daemon::notify(const HookCall& call) {
  schedule_.notify(EventLoop::now(), table_->hooks[call.hook].queue, call);
  perform();
}

void Daemon::runService(std::uint32_t service) {
  if (!table_ || service >= table_->services.size()) {
    log_.error("asked to run a service that is not there");
    return;
  }
  schedule_.serve(EventLoop::now(), service);
  perform();
}

std::optional<RunResult> Daemon::runCheck(std::uint32_t check) {
  const std::size_t service = table_->services.size() + check;
  if (auto refused = schedule_.whyNotServed(service)) {
    return refused;
  }
  schedule_.serve(EventLoop::now(), service);
  perform();
  return std::nullopt;
}

// A virtual server has one queue; where there are fewer queues, some share one.
void Daemon::notifyServer(std::uint32_t virtualServer, std::uint32_t notifier) {
  const std::size_t queue = table_->queues + virtualServer % table_->notifiers.size();
  const auto hook = static_cast<std::uint32_t>(table_->hooks.size() + notifier);
  schedule_.notify(EventLoop::now(), queue, {.hook = hook, .state = HookState::kOfServer});
  perform();
}

// Only a new pair of channels helps, and only a scriptd that starts again gets one.
void Daemon::giveUp() {
  failed_ = true;
  stop();
}

void Daemon::ended(SlotId slot, const RunResult& result) {
  const bool isCheck =
      schedule_.isScript(slot) ||
      (schedule_.isService(slot) && schedule_.serviceOf(slot) >= table_->services.size());
  if (!isCheck && result != RunResult{Outcome::kExited, 0, result.ran}) {
    const Command& command = commandIn(slot);
    log_.info(command.label() + " script " + command.path() +
              (result.outcome == Outcome::kExited ? " exited with status " : " died of signal ") +
              std::to_string(result.status));
  }
  schedule_.ended(EventLoop::now(), slot, result);
  perform();
}

void Daemon::perform() {
  if (std::exchange(performing_, true)) {
    return;
  }
  for (auto actions = schedule_.takeActions(); !actions.empty();
       actions = schedule_.takeActions()) {
    for (const Action& action : actions) {
      std::visit([this](const auto& one) { perform(one); }, action);
    }
  }
  performing_ = false;
  timer_.arm(schedule_.deadline());
  if (schedule_.over() && !std::exchange(left_, true)) {
    control_.stopped();
    loop_.stop();
  }
}

void Daemon::perform(const Start& action) {
  const bool isHook = !schedule_.isScript(action.slot) && !schedule_.isService(action.slot);
  const std::vector<std::string> more =
      isHook ? appendedWords(schedule_.callOf(action.slot)) : std::vector<std::string>{};
  if (const auto failed = runner_->start(action.slot, commandIn(action.slot), more)) {
    schedule_.ended(EventLoop::now(), action.slot, *failed);
  }
}

void Daemon::perform(const Terminate& action) {
  if (!schedule_.isScript(action.slot)) {
    log_.warning(commandIn(action.slot).label() + " script takes too long: ending it");
  }
  runner_->terminate(action.slot);
}

void Daemon::perform(const Kill& action) {
  runner_->kill(action.slot);
}

void Daemon::perform(const Abandon& action) {
  log_.error(commandIn(action.slot).label() + " cannot be ended: giving up on it");
}

void Daemon::perform(const Report& action) {
  tracker_.report(action.script, action.result);
}

void Daemon::perform(const Skip& action) {
  log_.info("Track script " + table_->scripts[indexOf(action.script)].name +
            (action.timingOut ? " is being timed out" : " is already running") +
            ", expect idle - skipping run");
}

void Daemon::perform(const Drop& action) {
  const std::string state = nameOf(action.call.state);
  log_.info(hookCommands_[action.call.hook].label() + (state.empty() ? "" : " for " + state) +
            " is left out: " + reasonText(action.reason));
}

void Daemon::perform(const Finish& action) {
  if (action.service >= table_->services.size()) {
    checker_.report(static_cast<std::uint32_t>(action.service - table_->services.size()),
                    action.result);
    return;
  }
  control_.serviceEnded(static_cast<std::uint32_t>(action.service),
                        outcomeOf(action.result.outcome), action.result.status);
}

void Daemon::perform(const Revive& action) {
  log_.info(serviceCommands_[action.service].label() + " is started again in " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(action.pause).count()) +
            " seconds");
}

Command& Daemon::commandIn(SlotId slot) {
  if (schedule_.isService(slot)) {
    return serviceCommands_[schedule_.serviceOf(slot)];
  }
  return schedule_.isScript(slot) ? scriptCommands_[indexOf(slot)]
                                  : hookCommands_[schedule_.callOf(slot).hook];
}

std::vector<std::string> Daemon::appendedWords(const HookCall& call) const {
  if (call.state == HookState::kOfServer || !table_->hooks[call.hook].appendState) {
    return {};
  }
  const HookEntry& hook = table_->hooks[call.hook];
  return {hook.ofGroup ? "GROUP" : "INSTANCE", hook.ownerName, nameOf(call.state),
          std::to_string(call.priority)};
}

}  // namespace holdfast::scriptd
