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
          loop, log, [this](const HookCall& call) { notify(call); },
          [this] {
            // Only a new pair of channels helps, and only a scriptd that starts again gets one.
            failed_ = true;
            stop();
          }),
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
  return failed_ ? Status(Error{"vrrpd broke the rules of its channel"}) : success();
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
  std::vector<ScriptTiming> timings;
  for (const ScriptEntry& script : table.scripts) {
    scriptCommands_.emplace_back("VRRP_Script(" + script.name + ")", script.arguments);
    timings.push_back(script.timing);
  }
  for (const HookEntry& hook : table.hooks) {
    hookCommands_.emplace_back(labelOf(hook), hook.arguments);
  }
  std::vector<Duration> services;
  for (const ServiceEntry& service : table.services) {
    serviceCommands_.emplace_back(service.keyword, service.arguments);
    services.push_back(service.timeout);
  }
  schedule_ = Schedule(timings, table.queues, services);
  tracker_.configure(generation, table.scripts.size(), table.hooks.size());
  table_ = std::move(table);
  return success();
}

void Daemon::attach(schema::ControlRequest::Peer peer, UniqueFd channel) {
  if (peer == schema::ControlRequest::Peer::VRRPD && table_) {
    tracker_.attach(std::move(channel));
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
  // vrrpd's last notifications were sent before the supervisor's request, on another channel.
  tracker_.drain();
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

void Daemon::ended(SlotId slot, const RunResult& result) {
  if (!schedule_.isScript(slot) && result != RunResult{Outcome::kExited, 0, result.ran}) {
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
  log_.info(hookCommands_[action.call.hook].label() + " for " + nameOf(action.call.state) +
            " is left out: " + reasonText(action.reason));
}

void Daemon::perform(const Finish& action) {
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
  const HookEntry& hook = table_->hooks[call.hook];
  if (!hook.appendState) {
    return {};
  }
  return {hook.ofGroup ? "GROUP" : "INSTANCE", hook.ownerName, nameOf(call.state),
          std::to_string(call.priority)};
}

}  // namespace holdfast::scriptd
