// What a script prints, as a few short printable lines for the log.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "ipc/time.h"

namespace holdfast::scriptd {

inline constexpr std::size_t kMaxOutputLine = 240;  // bytes as logged; the rest of a line is cut
inline constexpr std::size_t kMaxLinesPerRun = 8;

// A budget of log lines for one script: so many at once, and so many in the long run.
class LineBudget {
 public:
  static constexpr int kBurst = 16;
  static constexpr Duration kRefill = std::chrono::seconds(6);

  [[nodiscard]] bool take(TimePoint now);
  // How many were refused since the last call.
  [[nodiscard]] std::size_t takeRefused() { return std::exchange(refused_, 0); }

 private:
  int left_ = kBurst;
  TimePoint refilled_ = TimePoint::min();
  std::size_t refused_ = 0;
};

// Cuts the output of one run into lines. Bytes that are not printable ASCII are shown as ?.
class OutputFilter {
 public:
  using Line = std::function<void(std::string_view)>;

  // Calls `line` for each line that is complete.
  void feed(std::string_view bytes, const Line& line);
  // The last line may have no end; and says how much was left out.
  void finish(const Line& line);

 private:
  void endLine(const Line& line);

  std::string current_;
  std::size_t lines_ = 0;
  std::size_t leftOut_ = 0;  // bytes
};

}  // namespace holdfast::scriptd
