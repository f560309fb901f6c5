// Writes what a signal asked for into memory that came with the request, a few instances in a turn
// of the loop, so that no advertisement waits for it. Owned by the Daemon. The file is the
// supervisor's business: a file system can block whoever writes, memory cannot.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/shared_memory.h"
#include "vrrpd/station.h"

namespace holdfast::vrrpd {

class Dump {
 public:
  static constexpr std::size_t kInstancesInATurn = 64;

  // `done` is told 0 or an errno, and how many bytes have been written.
  using Done = std::function<void(int error, std::uint32_t bytes)>;
  Dump(EventLoop& loop, const std::vector<std::unique_ptr<Station>>& stations, Done done);

  // The counters of every instance, which begin again at zero where `clears`. EBUSY while another
  // dump is under way.
  void writeStatistics(const UniqueFd& memory, bool clears);

 private:
  void writeSome();
  void end(int error);

  const std::vector<std::unique_ptr<Station>>& stations_;
  Done done_;
  Timer timer_;
  SharedMapping memory_;  // there while a dump is under way
  bool clears_ = false;
  std::size_t next_ = 0;  // instance
  std::size_t bytes_ = 0;
  std::string text_;
};

}  // namespace holdfast::vrrpd
