// One run of the start-up or the shutdown script, in a scriptd that lives for it alone: before all
// other processes, or after them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ipc/event_loop.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/worker.h"

namespace holdfast::supervisor {

// Owned by the Supervisor. How it ends changes nothing but the log: keepalived goes on whatever its
// script says, and so does this.
class Errand {
 public:
  using Done = std::function<void()>;

  // `name` is for the log, in keepalived's words: "startup script".
  Errand(EventLoop& loop, LogSink& log, std::string name, WorkerSpec scriptd, ServicePlan service);

  // `done` is called once, when its scriptd is gone. An Error: it could not be started.
  [[nodiscard]] Status start(Generation generation, int borrowedConfig, Done done);
  // The script has to end now.
  void cancel();
  // Whether it was its scriptd that ended.
  [[nodiscard]] bool reaped(pid_t pid);

 private:
  void serve(schema::ControlEvent::Reader event);
  void report(std::uint32_t result);

  LogSink& log_;
  std::string name_;
  ServicePlan service_;
  Worker scriptd_;
  Timer limit_;
  Done done_;
};

}  // namespace holdfast::supervisor
