// Runs programs as this process's own user: at most one run in each slot of the schedule. Owns the
// processes, their output and what they leave behind.
//
// Every run begins with a walk of the path. Each program is the reaper of its own tree (see
// launch.h), so that what it leaves behind comes to this process only when it is gone itself: then
// it is known whose it was. What a run that ended by itself leaves running is spared: it may be a
// daemon that a notify script has started. What a run that had to be ended leaves is ended too.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "policy/script_path.h"
#include "scriptd/command.h"
#include "scriptd/launch.h"
#include "scriptd/output_pipe.h"
#include "scriptd/schedule.h"

namespace holdfast::scriptd {

struct RunnerSettings {
  policy::ScriptIdentity identity;
  bool scriptSecurity = false;
  bool noNewPrivileges = false;
  std::vector<std::string> environment;  // NAME=value
};

class Runner {
 public:
  using Ended = std::function<void(SlotId slot, const RunResult& result)>;

  Runner(EventLoop& loop, Log& log, RunnerSettings settings, Ended ended);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Begins to hear of processes that end: blocks SIGCHLD and reads it from a descriptor. Makes this
  // process the reaper of orphans.
  [[nodiscard]] Status watch();

  // Nothing when the run has begun; `ended` then follows. A result when it could not begin.
  // `command` has to live until the run has ended.
  [[nodiscard]] std::optional<RunResult> start(SlotId slot, Command& command,
                                               std::span<const std::string> moreArguments);
  void terminate(SlotId slot);
  void kill(SlotId slot);

  [[nodiscard]] bool runs(SlotId slot) const { return runs_.contains(slot); }

 private:
  struct Run {
    pid_t pid = 0;
    TimePoint began{};
    bool ending = false;
    Command* command = nullptr;
    std::unique_ptr<OutputPipe> output;
  };

  [[nodiscard]] Result<pid_t> launchCommand(const policy::ScriptVerdict& verdict,
                                            const Command& command,
                                            std::span<const std::string> moreArguments,
                                            int output) const;
  void reap();
  void reapOne(pid_t pid);
  void finish(std::map<SlotId, Run>::iterator run, int status);
  void spareLeftovers();
  void endLeftovers(const Run& run);
  [[nodiscard]] std::set<pid_t> leaders() const;
  void linger(std::unique_ptr<OutputPipe> output);

  EventLoop& loop_;
  Log& log_;
  RunnerSettings settings_;
  Ended ended_;
  UniqueFd childSignal_;
  std::map<SlotId, Run> runs_;
  std::set<pid_t> spared_;                            // left by runs that ended by themselves
  std::list<std::unique_ptr<OutputPipe>> lingering_;  // held by what is spared
};

}  // namespace holdfast::scriptd
