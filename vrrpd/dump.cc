#include "vrrpd/dump.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vrrpd/statistics.h"

namespace holdfast::vrrpd {

Dump::Dump(EventLoop& loop, const std::vector<std::unique_ptr<Station>>& stations, Done done)
    : stations_(stations),
      done_(std::move(done)),
      timer_(loop, [this](TimePoint, Duration) { writeSome(); }) {}

void Dump::writeStatistics(const UniqueFd& memory, bool clears) {
  if (memory_) {
    done_(EBUSY, 0);
    return;
  }
  auto mapped = SharedMapping::map(memory.get());
  if (!mapped) {
    done_(mapped.error().code, 0);
    return;
  }
  memory_ = std::move(mapped).value();
  clears_ = clears;
  next_ = 0;
  bytes_ = 0;
  writeSome();
}

void Dump::writeSome() {
  text_.clear();
  const std::size_t last = std::min(stations_.size(), next_ + kInstancesInATurn);
  for (; next_ < last; ++next_) {
    Station& station = *stations_[next_];
    const Instance& instance = station.instance();
    appendStatistics(text_, instance.name(), instance.router().counters(),
                     instance.receiveCounters());
    if (clears_) {
      station.clearCounters();
    }
  }
  const auto rest = memory_.bytes().subspan(bytes_);
  if (text_.size() > rest.size()) {
    end(EFBIG);
    return;
  }
  std::ranges::copy(text_, rest.begin());
  bytes_ += text_.size();
  if (next_ == stations_.size()) {
    end(0);
  } else {
    timer_.arm(EventLoop::now());
  }
}

void Dump::end(int error) {
  memory_ = {};
  done_(error, static_cast<std::uint32_t>(bytes_));
}

}  // namespace holdfast::vrrpd
