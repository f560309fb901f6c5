// The line in a reload_time_file: when the next reload is to be (keepalived.conf(5)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::supervisor {

struct ReloadTime {
  std::int64_t at = 0;  // seconds since the epoch
  bool daily = false;   // without a date

  friend bool operator==(const ReloadTime&, const ReloadTime&) = default;
};

// `line` is HH:MM:SS, YY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS, with Z behind it for UTC; local
// time else. Without a date it is the next such time after `now`. An Error for anything else, and
// for what is past.
[[nodiscard]] Result<ReloadTime> parseReloadTime(std::string_view line, std::int64_t now);

// As messages have it: "2026-11-22 23:59:59", local time.
[[nodiscard]] std::string showTime(std::int64_t at);

}  // namespace holdfast::supervisor
