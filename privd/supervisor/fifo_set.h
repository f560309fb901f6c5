// The notify FIFOs of the configuration that runs. Opened before privileges are dropped, since a
// FIFO may have to be given to another user; a reload can open only those that need no privilege.
#pragma once

#include <map>
#include <vector>

#include "ipc/result.h"
#include "ipc/schemas/messages.capnp.h"
#include "privd/supervisor/fifo.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class FifoSet {
 public:
  using Kind = schema::ControlRequest::Fifo;

  // Opens what is not open yet. One that cannot be opened is missing, which the log says.
  void open(const Plan& plan, LogSink& log);
  // Removes what `plan` does not name.
  void keepOnly(const Plan& plan);
  // Whether open() of a plan that comes with a reload can work.
  [[nodiscard]] Status fits(const Plan& plan) const;
  // The readers then come to an end.
  void close();

  // The end to write to; -1 where there is none.
  [[nodiscard]] int writer(const Plan& plan, Kind kind) const;
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  std::map<FifoPlan, Fifo> open_;
};

}  // namespace holdfast::supervisor
