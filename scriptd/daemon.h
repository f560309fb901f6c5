// scriptd: one process for each script identity, with that identity and nothing more (identity root
// keeps root's powers). Runs the scripts and hooks of its sealed configuration and nothing else;
// never has a channel to privd, and never opens a network socket. Owned by main().
//
// It takes one configuration in its life: a reload starts another scriptd and stops this one.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "scriptd/checker_link.h"
#include "scriptd/command.h"
#include "scriptd/runner.h"
#include "scriptd/schedule.h"
#include "scriptd/script_table.h"
#include "scriptd/tracker_link.h"

namespace holdfast::scriptd {

class Daemon {
 public:
  // `control` is owned.
  Daemon(EventLoop& loop, Log& log, UniqueFd control);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until it is told to stop, or a peer breaks the rules of its channel, which is an Error: then it
  // is to be started again.
  [[nodiscard]] Status run();

 private:
  void load(Generation generation, const UniqueFd& sealed);
  [[nodiscard]] Status adopt(Generation generation, ScriptTable table);
  void attach(schema::ControlRequest::Peer peer, UniqueFd channel);
  void start();
  void stop();
  void notify(const HookCall& call);
  void runService(std::uint32_t service);
  [[nodiscard]] std::optional<RunResult> runCheck(std::uint32_t check);
  void notifyServer(std::uint32_t virtualServer, std::uint32_t notifier);
  void giveUp();
  void fillCommands(const ScriptTable& table);
  void ended(SlotId slot, const RunResult& result);

  // Does what the schedule asks for, until it asks for nothing more.
  void perform();
  void perform(const Start& action);
  void perform(const Terminate& action);
  void perform(const Kill& action);
  void perform(const Abandon& action);
  void perform(const Report& action);
  void perform(const Skip& action);
  void perform(const Drop& action);
  void perform(const Finish& action);
  void perform(const Revive& action);

  [[nodiscard]] Command& commandIn(SlotId slot);
  [[nodiscard]] std::vector<std::string> appendedWords(const HookCall& call) const;

  EventLoop& loop_;
  Log& log_;
  Control control_;
  TrackerLink tracker_;
  CheckerLink checker_;
  Timer timer_;
  std::optional<ScriptTable> table_;
  std::vector<Command> scriptCommands_;
  std::vector<Command> hookCommands_;     // and behind them those of notifiers
  std::vector<Command> serviceCommands_;  // and behind them those of checks
  std::unique_ptr<Runner> runner_;
  Schedule schedule_;
  bool performing_ = false;
  bool started_ = false;
  bool left_ = false;
  bool failed_ = false;
};

}  // namespace holdfast::scriptd
