// One run of confd: the configuration file in, sealed messages and a verdict out.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/child.h"
#include "privd/supervisor/command_line.h"
#include "privd/supervisor/log_reader.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/site_rules.h"
#include "privd/supervisor/worker_id.h"

namespace holdfast::supervisor {

struct CompilerOptions {
  std::string file;
  std::string configId;
  bool allIncludeChecks = false;
  bool check = false;
  bool json = false;
  bool dump = false;
  bool strict = false;
  std::string assumedInterfaces;  // separated by commas; empty: those that exist
  bool assumeAllInterfaces = false;
  bool withoutVrrp = false;            // as if the file had none
  bool withoutCheckers = false;        // the same of virtual servers
  std::string credentialsDirectory;    // empty: there are no credentials
  std::vector<std::string> variables;  // kVariablePrefix NAME=VALUE, for ${_ENV NAME}
};

// Each descriptor is sealed (checkSealed). Without `sealed` there is only the verdict.
struct Compilation {
  bool sealed = false;
  int exitCode = 0;     // as keepalived -t: 0, 2, 4, 5
  std::string failure;  // why there is nothing sealed, where confd itself did not end well
  UniqueFd supervisor;
  std::map<WorkerId, UniqueFd> workers;
  UniqueFd ipvs;  // for privd, besides its own; where there is a virtual server

  // Of a worker that it is for: see planOf().
  [[nodiscard]] int configOf(WorkerId worker) const { return workers.at(worker).get(); }
};

// What is in the supervisor's own message. An Error where that is malformed, or where the site does
// not permit it.
[[nodiscard]] Result<Plan> permittedPlan(const Compilation& compilation, const Site& site);
// The same of one that is to be started: an Error also where a worker has no message.
[[nodiscard]] Result<Plan> planOf(const Compilation& compilation, const CommandLine& line,
                                  const Site& site);

class Compiler {
 public:
  // Longer than this and confd is killed.
  static constexpr Duration kTimeLimit = std::chrono::seconds(30);
  using Done = std::function<void(Compilation)>;

  // `line` is told every diagnostic; `done` is called once, after confd has ended.
  Compiler(EventLoop& loop, LogReader::Consumer line, Done done);
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  [[nodiscard]] Status start(const CompilerOptions& options);
  [[nodiscard]] pid_t pid() const { return child_.pid; }
  // To be called when pid() was reaped.
  void ended(int waitStatus);

 private:
  void readEvents(int most);
  void take(Received& received);
  void refuse(std::string failure);

  EventLoop& loop_;
  LogReader::Consumer line_;
  Done done_;
  Child child_;
  std::unique_ptr<LogReader> log_;
  Timer timeLimit_;
  Compilation result_;
  bool hasVerdict_ = false;
  bool hasEnded_ = false;
};

}  // namespace holdfast::supervisor
