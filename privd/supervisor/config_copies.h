// Copies of the configurations that were used, for whoever looks for what a reload has changed
// (config_save_dir). Owned by the Supervisor.
#pragma once

#include <cstdint>

#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class ConfigCopies {
 public:
  explicit ConfigCopies(LogSink& log) : log_(log) {}

  // Writes DIRECTORY/keepalived.conf.PID.NUMBER, where the configuration asks for it; a number for
  // each configuration. Its text is not kept in `plan`.
  void save(Plan& plan);

 private:
  LogSink& log_;
  std::uint32_t next_ = 0;
};

}  // namespace holdfast::supervisor
