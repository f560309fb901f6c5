// Has vrrpd say what a signal asks for, and puts it into a file. One at a time; what is asked for
// meanwhile follows. Owned by the Supervisor.
//
// vrrpd writes into memory, and this process copies that: a file system that blocks delays no
// advertisement, and vrrpd needs no file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "ipc/unique_fd.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/worker.h"

namespace holdfast::supervisor {

class StateDump {
 public:
  // Numbers of ControlRequest.argument.
  enum class What : std::uint32_t {
    kStatistics = 1,
    kStatisticsAndClear = 2,
    kData = 3,
    kJson = 4
  };
  [[nodiscard]] static std::optional<What> askedBy(int signal);

  explicit StateDump(LogSink& log) : log_(log) {}

  // `room` is how much there can be to say, in bytes.
  void ask(What what, Worker& vrrpd, std::size_t room);
  // It has answered. False where the answer cannot be true.
  struct Place {
    std::string path;
    mode_t mode;
  };
  using PlaceOf = std::function<Place(What what)>;
  [[nodiscard]] bool answered(Worker& vrrpd, std::uint32_t error, std::uint32_t bytes,
                              const PlaceOf& placeOf);
  // It has died, or is replaced: nothing more comes.
  void abandon();

 private:
  void begin(What what, Worker& vrrpd);

  LogSink& log_;
  std::set<What> waiting_;
  UniqueFd memory_;                // there while vrrpd writes
  What what_ = What::kStatistics;  // what it writes
  std::size_t room_ = 0;
};

}  // namespace holdfast::supervisor
