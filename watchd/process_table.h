// Which running processes count for which vrrp_track_process.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace holdfast::watchd {

using MonitorIds = std::vector<std::size_t>;  // in their order, each once

// A plain object. Owned by the ProcessWatcher.
class ProcessTable {
 public:
  explicit ProcessTable(std::size_t monitors) : counts_(monitors) {}

  // The process counts for these from now on, and for no others. Returns whose count has changed.
  MonitorIds set(pid_t pid, const MonitorIds& monitors);
  MonitorIds remove(pid_t pid) { return set(pid, {}); }

  [[nodiscard]] bool contains(pid_t pid) const { return matched_.contains(pid); }
  [[nodiscard]] const std::map<pid_t, MonitorIds>& matched() const { return matched_; }
  [[nodiscard]] std::uint32_t count(std::size_t monitor) const { return counts_[monitor]; }

 private:
  std::map<pid_t, MonitorIds> matched_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace holdfast::watchd
