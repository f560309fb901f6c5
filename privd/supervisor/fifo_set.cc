#include "privd/supervisor/fifo_set.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace holdfast::supervisor {
namespace {

constexpr mode_t kMode = 0644;  // before the umask of the configuration

}  // namespace

void FifoSet::open(const Plan& plan, LogSink& log) {
  for (const auto& [kind, fifo] : plan.fifos) {
    if (open_.contains(fifo)) {
      continue;
    }
    auto opened = Fifo::open(fifo, kMode & ~plan.umask);
    if (opened) {
      open_.emplace(fifo, std::move(opened).value());
    } else {
      log.own(kError, "Unable to use notify FIFO " + opened.error().message);
    }
  }
}

void FifoSet::keepOnly(const Plan& plan) {
  std::erase_if(open_, [&plan](const auto& entry) {
    return std::ranges::none_of(
        plan.fifos, [&entry](const auto& named) { return named.second == entry.first; });
  });
}

Status FifoSet::fits(const Plan& plan) const {
  for (const auto& [kind, fifo] : plan.fifos) {
    if (!open_.contains(fifo) && (fifo.uid != ::geteuid() || fifo.gid != ::getegid())) {
      return Error{"Cannot make notify FIFO " + fifo.path + " for another user"};
    }
  }
  return success();
}

void FifoSet::close() {
  for (auto& [plan, fifo] : open_) {
    fifo.close();
  }
}

int FifoSet::writer(const Plan& plan, Kind kind) const {
  const auto named = plan.fifos.find(kind);
  const auto found = named == plan.fifos.end() ? open_.end() : open_.find(named->second);
  return found == open_.end() ? -1 : found->second.writer();
}

std::vector<int> FifoSet::descriptors() const {
  std::vector<int> all;
  for (const auto& [plan, fifo] : open_) {
    const std::vector<int> some = fifo.descriptors();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace holdfast::supervisor
