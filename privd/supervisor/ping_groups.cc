#include "privd/supervisor/ping_groups.h"

#include <algorithm>
#include <charconv>

#include "privd/supervisor/sysctl_file.h"

namespace holdfast::supervisor {
namespace {

constexpr const char* kFile = "/proc/sys/net/ipv4/ping_group_range";

bool takeNumber(std::string_view& text, gid_t& number) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return parsed.ec == std::errc{};
}

Status widen(gid_t one, gid_t other) {
  const auto present = readSysctl(kFile);
  if (!present) {
    return present.error();
  }
  const auto range = widenedRange(*present, one, other);
  return range ? writeSysctl(kFile, *range) : success();
}

}  // namespace

std::optional<std::string> widenedRange(std::string_view present, gid_t one, gid_t other) {
  gid_t lowest = 0;
  gid_t highest = 0;
  if (!takeNumber(present, lowest) || !takeNumber(present, highest)) {
    return std::nullopt;
  }
  const auto [low, high] = std::minmax(one, other);
  if (lowest <= low && high <= highest) {
    return std::nullopt;
  }
  const bool isEmpty = lowest > highest;
  return std::to_string(isEmpty ? low : std::min(low, lowest)) + " " +
         std::to_string(isEmpty ? high : std::max(high, highest));
}

void letPing(const Plan& plan, const WorkerUsers& users, LogSink& log) {
  if (!plan.startChecker || !plan.pings) {
    return;
  }
  if (Status widened = widen(users.checkdGid, users.privdGid); !widened) {
    log.own(kWarning, "PING_CHECK cannot work unless groups " + std::to_string(users.checkdGid) +
                          " and " + std::to_string(users.privdGid) +
                          " are in net.ipv4.ping_group_range: " + widened.error().message);
  }
}

}  // namespace holdfast::supervisor
