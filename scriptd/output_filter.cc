#include "scriptd/output_filter.h"

#include <algorithm>
#include <utility>

namespace holdfast::scriptd {

bool LineBudget::take(TimePoint now) {
  if (refilled_ == TimePoint::min()) {
    refilled_ = now;
  }
  const auto refills = (now - refilled_) / kRefill;
  refilled_ += refills * kRefill;
  left_ = static_cast<int>(std::min<std::int64_t>(kBurst, left_ + refills));
  if (left_ == 0) {
    ++refused_;
    return false;
  }
  --left_;
  return true;
}

void OutputFilter::feed(std::string_view bytes, const Line& line) {
  while (!bytes.empty()) {
    if (lines_ >= kMaxLinesPerRun) {
      leftOut_ += bytes.size();
      return;
    }
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::size_t room = kMaxOutputLine - current_.size();
    for (const char c : bytes.substr(0, std::min(end, room))) {
      current_ += c >= ' ' && c <= '~' ? c : c == '\t' ? ' ' : '?';
    }
    leftOut_ += end > room ? end - room : 0;
    if (end < bytes.size()) {
      endLine(line);
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

void OutputFilter::endLine(const Line& line) {
  if (!current_.empty()) {
    ++lines_;
    line(current_);
    current_.clear();
  }
}

void OutputFilter::finish(const Line& line) {
  endLine(line);
  if (leftOut_ > 0) {
    line("... (" + std::to_string(leftOut_) + " more bytes)");
    leftOut_ = 0;
  }
}

}  // namespace holdfast::scriptd
