#include "vrrpd/dump.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vrrpd/state_text.h"
#include "vrrpd/statistics.h"

namespace holdfast::vrrpd {

Dump::Dump(EventLoop& loop, Subjects subjects, Done done)
    : subjects_(subjects),
      done_(std::move(done)),
      timer_(loop, [this](TimePoint, Duration) { writeSome(); }) {}

void Dump::write(What what, const Configuration& configuration, const UniqueFd& memory) {
  if (configuration_ != nullptr) {
    done_(EBUSY, 0);
    return;
  }
  auto mapped = SharedMapping::map(memory.get());
  if (!mapped) {
    done_(mapped.error().code, 0);
    return;
  }
  configuration_ = &configuration;
  memory_ = std::move(mapped).value();
  what_ = what;
  next_ = 0;
  bytes_ = 0;
  writeSome();
}

void Dump::writeSome() {
  text_.clear();
  if (next_ == 0) {
    appendHeading();
  }
  const std::size_t all = subjects_.stations.size();
  const std::size_t last = std::min(all, next_ + kInstancesInATurn);
  for (; next_ < last; ++next_) {
    append(next_);
  }
  if (next_ == all) {
    appendEnd();
  }
  const auto rest = memory_.bytes().subspan(bytes_);
  if (text_.size() > rest.size()) {
    end(EFBIG);
    return;
  }
  std::ranges::copy(text_, rest.begin());
  bytes_ += text_.size();
  if (next_ == all) {
    end(0);
  } else {
    timer_.arm(EventLoop::now());
  }
}

void Dump::appendHeading() {
  if (what_ == What::kData) {
    text_ += configuration_->display;
  } else if (what_ == What::kJson) {
    text_ += "[";
  }
}

void Dump::append(std::size_t instance) {
  Station& station = *subjects_.stations[instance];
  const Instance& shown = station.instance();
  const ShownInstance all{shown, configuration_->instances[instance].display,
                          station.hasAddresses(), station.lastTransition()};
  switch (what_) {
    case What::kData:
      appendData(text_, all);
      return;
    case What::kJson:
      text_ += instance == 0 ? "" : ",";
      appendJson(text_, all);
      return;
    case What::kStatistics:
    case What::kStatisticsAndClear:
      break;
  }
  appendStatistics(text_, shown.name(), shown.router().counters(), shown.receiveCounters());
  if (what_ == What::kStatisticsAndClear) {
    station.clearCounters();
  }
}

void Dump::appendEnd() {
  if (what_ == What::kJson) {
    text_ += "]\n";
  }
  if (what_ != What::kData || subjects_.groups.empty()) {
    return;
  }
  text_ += "------< VRRP Sync groups >------\n";
  for (std::size_t i = 0; i < subjects_.groups.size(); ++i) {
    appendData(text_, configuration_->groups[i], subjects_.groups[i]->state());
  }
}

void Dump::end(int error) {
  memory_ = {};
  configuration_ = nullptr;
  done_(error, static_cast<std::uint32_t>(bytes_));
}

}  // namespace holdfast::vrrpd
