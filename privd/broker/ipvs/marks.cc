#include "privd/broker/ipvs/marks.h"

#include <utility>

namespace holdfast::privd::ipvs {
namespace {

constexpr Duration kBetweenChecks = std::chrono::seconds(1);

}  // namespace

void Marks::want(const FirewallTable& table, const std::vector<MarkedAddresses>& marks) {
  if (marks_ == marks && (marks.empty() || table_ == table)) {
    return;
  }
  if (isThere_ && (marks.empty() || table_ != table)) {
    remove();
  }
  table_ = table;
  marks_ = marks;
  isThere_ = isTold_ = false;
  next_ = marks.empty() ? kNever : TimePoint{};
}

TimePoint Marks::work(TimePoint now) {
  if (now < next_) {
    return next_;
  }
  next_ = now + kBetweenChecks;
  if (isThere_ && edge_.hasMarks(table_)) {
    return next_;
  }
  if (isThere_) {
    log_.warning("nftables: somebody else removed table " + table_.name + ": it comes back");
  }
  const Status set = edge_.setMarks(table_, marks_);
  isThere_ = set.ok();
  if (!set && !std::exchange(isTold_, true)) {
    log_.error("nftables: " + set.error().message + ": nftables_ipvs has no effect");
  }
  return next_;
}

void Marks::remove() {
  if (std::exchange(isThere_, false)) {
    if (Status removed = edge_.removeMarks(table_); !removed) {
      log_.error("nftables: cannot remove table " + table_.name + ": " + removed.error().message);
    }
  }
  marks_.clear();
  next_ = kNever;
}

}  // namespace holdfast::privd::ipvs
