// Writes what a signal asked for into memory that came with the request, a few instances in a turn
// of the loop, so that no advertisement waits for it. Owned by the Daemon. The file is the
// supervisor's business: a file system can block whoever writes, memory cannot.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/shared_memory.h"
#include "vrrpd/configuration.h"
#include "vrrpd/group_station.h"
#include "vrrpd/station.h"

namespace holdfast::vrrpd {

class Dump {
 public:
  static constexpr std::size_t kInstancesInATurn = 64;

  // Numbers of ControlRequest.argument.
  enum class What : std::uint32_t {
    kStatistics = 1,
    kStatisticsAndClear = 2,  // they begin again at zero
    kData = 3,
    kJson = 4,
  };
  struct Subjects {
    const std::vector<std::unique_ptr<Station>>& stations;
    const std::vector<std::unique_ptr<GroupStation>>& groups;
  };
  // `done` is told 0 or an errno, and how many bytes have been written.
  using Done = std::function<void(int error, std::uint32_t bytes)>;
  Dump(EventLoop& loop, Subjects subjects, Done done);

  // EBUSY while another dump is under way. `configuration` is what the subjects were made of.
  void write(What what, const Configuration& configuration, const UniqueFd& memory);

 private:
  void writeSome();
  void appendHeading();
  void append(std::size_t instance);
  void appendEnd();
  void end(int error);

  Subjects subjects_;
  Done done_;
  Timer timer_;
  const Configuration* configuration_ = nullptr;
  SharedMapping memory_;  // there while a dump is under way
  What what_ = What::kStatistics;
  std::size_t next_ = 0;  // instance
  std::size_t bytes_ = 0;
  std::string text_;
};

}  // namespace holdfast::vrrpd
