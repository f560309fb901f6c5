#include "watchd/process_table.h"

#include <algorithm>
#include <iterator>

namespace holdfast::watchd {

MonitorIds ProcessTable::set(pid_t pid, const MonitorIds& monitors) {
  const auto found = matched_.find(pid);
  const MonitorIds before = found == matched_.end() ? MonitorIds{} : found->second;
  MonitorIds changed;
  std::ranges::set_symmetric_difference(before, monitors, std::back_inserter(changed));
  for (const std::size_t monitor : changed) {
    counts_[monitor] += std::ranges::binary_search(monitors, monitor) ? 1U : -1U;
  }
  if (monitors.empty()) {
    matched_.erase(pid);
  } else {
    matched_[pid] = monitors;
  }
  return changed;
}

}  // namespace holdfast::watchd
