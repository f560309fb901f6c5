// The workers of one sealed configuration, and who of them talks with whom. Owned by the
// Supervisor.
#pragma once

#include <sys/types.h>

#include <memory>
#include <vector>

#include "privd/supervisor/worker.h"
#include "privd/supervisor/worker_id.h"

namespace holdfast::supervisor {

class Crew {
 public:
  // The order is that in which they are started.
  void add(std::unique_ptr<Worker> worker) { workers_.push_back(std::move(worker)); }
  // What is left after that is `id` alone.
  [[nodiscard]] std::vector<std::unique_ptr<Worker>> removeAllBut(WorkerId id);

  [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& all() const { return workers_; }
  // Null where there is none.
  [[nodiscard]] Worker* find(WorkerId id) const;
  [[nodiscard]] Worker* withPid(pid_t pid) const;
  // Those who leave together: the first kind in the order of leaving of which one still runs.
  [[nodiscard]] std::vector<Worker*> nextToLeave() const;

  // A worker that was started again gets new channels, and so do those that it talks to.
  void join(Worker& worker);
  // Whom `accuser` means by `accused`: null when they do not talk with each other.
  [[nodiscard]] Worker* partner(const Worker& accuser, WorkerId accused) const;

 private:
  void join(Worker& one, Worker& other);

  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint32_t channelsMade_ = 0;
};

}  // namespace holdfast::supervisor
