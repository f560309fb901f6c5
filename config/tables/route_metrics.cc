// Metrics of routes: [lock] NUMBER, or a time.
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstdlib>

#include "config/block.h"
#include "config/context.h"
#include "config/tables/route_parts.h"

namespace holdfast::config {
namespace {

constexpr std::array<Metric, 16> kMetrics = {{
    {"mtu", RTAX_MTU, true},
    {"window", RTAX_WINDOW, true},
    {"rtt", RTAX_RTT, true, 8},
    {"rttvar", RTAX_RTTVAR, true, 4},
    {"ssthresh", RTAX_SSTHRESH, true},
    {"cwnd", RTAX_CWND, true},
    {"advmss", RTAX_ADVMSS, true},
    {"reordering", RTAX_REORDERING, true},
    {"hoplimit", RTAX_HOPLIMIT, true, 0, 255},
    {"initcwnd", RTAX_INITCWND},
    {"features", RTAX_FEATURES},
    {"rto_min", RTAX_RTO_MIN, true, 1},
    {"initrwnd", RTAX_INITRWND},
    {"quickack", RTAX_QUICKACK, false, 0, 1},
    {"congctl", RTAX_CC_ALGO, true},
    {"fastopen_no_cookie", RTAX_FASTOPEN_NO_COOKIE, false, 0, 1},
}};

constexpr std::int64_t kShortest = 200;     // milliseconds: keepalived's bounds
constexpr std::int64_t kLongest = 120'000;  //

void lock(Block& route, const Metric& metric, const Statement& statement) {
  const std::int64_t locked = route.number("locked") | std::int64_t{1} << metric.attribute;
  route.say("locked", locked, &statement);
}

// "5" in the kernel's own unit; "5s", "0.5s" and "5ms".
std::optional<std::int64_t> readTime(Context& context, const Metric& metric, Cursor& cursor) {
  const std::string text(cursor.take());
  std::string_view digits = text;
  const bool isMilliseconds = digits.ends_with("ms");
  const bool isSeconds = !isMilliseconds && digits.ends_with("s");
  digits.remove_suffix(isMilliseconds ? 2 : isSeconds ? 1 : 0);
  const auto time = parseTime(digits, isSeconds ? takes::kSecond : takes::kMillisecond);
  if (!time || time->count() < 0) {
    context.error(Code::kInvalidValue, cursor,
                  std::string(time ? "negative" : "invalid") + " number '" + text + "'",
                  "takes a number of the kernel's units, or a time such as 1.5s or 300ms");
    return std::nullopt;
  }
  if (time->count() % takes::kMillisecond != 0) {
    context.error(Code::kInvalidValue, cursor,
                  "number '" + std::string(digits) + "' has too many decimal places",
                  "it is rounded");
  }
  const std::int64_t rounded = (time->count() + takes::kMillisecond / 2) / takes::kMillisecond;
  // The same bound, whatever the unit.
  const std::int64_t highest = kLongest * metric.perMillisecond;
  if (rounded > highest) {
    context.error(Code::kInvalidValue, cursor,
                  "number '" + std::string(digits) + "' outside range [0, " +
                      std::to_string(isSeconds ? highest / 1000 : highest) + "]");
    return std::nullopt;
  }
  return isMilliseconds || isSeconds ? rounded * metric.perMillisecond : rounded;
}

void sayTime(Block& route, const Metric& metric, std::int64_t value, const Statement& statement) {
  const Key key(metric.keyword);
  route.say(key, value, &statement);
  const std::int64_t bounded =
      std::clamp(value, kShortest * metric.perMillisecond, kLongest * metric.perMillisecond);
  if (bounded != value) {
    route.adjust(key, bounded, "it is from 200 ms to 120 s");
  }
}

}  // namespace

const std::array<Metric, 16>& routeMetrics() {
  return kMetrics;
}

const Metric& metricNamed(std::string_view keyword) {
  const auto* found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                   [&](const Metric& one) { return one.keyword == keyword; });
  return found == kMetrics.end() ? (std::abort(), *found) : *found;
}

void readMetric(Context& context, Block& route, Cursor& cursor) {
  const Metric& metric = metricNamed(cursor.statement.words[cursor.word - 1].text);
  if (metric.lockable && cursor.peek() == "lock") {
    cursor.take();
    if (!cursor.hasWord()) {
      context.missingParameter(cursor.statement);
      return;
    }
    lock(route, metric, cursor.statement);
  }
  if (metric.attribute == RTAX_CC_ALGO) {
    route.say("congctl", std::string(cursor.take()), &cursor.statement);
    return;
  }
  const auto value = metric.perMillisecond == 0
                         ? context.number(cursor, {0, static_cast<double>(metric.highest)})
                         : readTime(context, metric, cursor);
  if (!value) {
    route.drop();
  } else if (metric.perMillisecond != 0) {
    sayTime(route, metric, *value, cursor.statement);
  } else {
    route.say(Key(metric.keyword), *value, &cursor.statement);
  }
}

}  // namespace holdfast::config
