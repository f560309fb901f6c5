#include "privd/supervisor/reload_time.h"

#include <array>
#include <ctime>
#include <optional>

namespace holdfast::supervisor {
namespace {

constexpr int kFirstYear = 1900;  // of struct tm
constexpr int kCentury = 2000;    // of a year with two digits

// '0' stands for a digit, everything else for itself.
bool hasForm(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool isDigit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !isDigit : text[i] != form[i]) {
      return false;
    }
  }
  return true;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    value = 10 * value + (digit - '0');
  }
  return value;
}

// The hour, minute and second of "HH:MM:SS" at the end of `text`.
bool readClock(std::string_view text, std::tm& when) {
  const std::string_view clock = text.substr(text.size() - 8);
  when.tm_hour = number(clock.substr(0, 2));
  when.tm_min = number(clock.substr(3, 2));
  when.tm_sec = number(clock.substr(6, 2));
  when.tm_isdst = -1;
  return when.tm_hour < 24 && when.tm_min < 60 && when.tm_sec < 60;
}

std::int64_t secondsOf(std::tm when, bool utc) {
  return utc ? ::timegm(&when) : std::mktime(&when);
}

// Nullopt for a day that is not in the calendar.
std::optional<std::int64_t> onItsDay(std::string_view text, std::tm when, bool utc) {
  const std::size_t digits = text.find('-');
  when.tm_year = number(text.substr(0, digits)) + (digits == 2 ? kCentury : 0) - kFirstYear;
  when.tm_mon = number(text.substr(digits + 1, 2)) - 1;
  when.tm_mday = number(text.substr(digits + 4, 2));
  std::tm day{};
  day.tm_year = when.tm_year;
  day.tm_mon = when.tm_mon;
  day.tm_mday = when.tm_mday;
  ::timegm(&day);
  return day.tm_mon == when.tm_mon && day.tm_mday == when.tm_mday
             ? std::optional(secondsOf(when, utc))
             : std::nullopt;
}

std::int64_t nextSuch(std::tm when, std::int64_t now, bool utc) {
  const std::int64_t today = secondsOf(when, utc);
  ++when.tm_mday;
  return today > now ? today : secondsOf(when, utc);
}

}  // namespace

Result<ReloadTime> parseReloadTime(std::string_view line, std::int64_t now) {
  const Error invalid{"Reload date/time " + std::string(line) + " invalid - ignoring"};
  const bool utc = line.ends_with('Z');
  const std::string_view text = line.substr(0, line.size() - (utc ? 1 : 0));
  const bool daily = hasForm(text, "00:00:00");
  if (!daily && !hasForm(text, "00-00-00 00:00:00") && !hasForm(text, "0000-00-00 00:00:00")) {
    return invalid;
  }
  std::tm when{};
  const std::time_t present = now;
  utc ? ::gmtime_r(&present, &when) : ::localtime_r(&present, &when);
  if (!readClock(text, when)) {
    return invalid;
  }
  const std::optional<std::int64_t> at =
      daily ? std::optional(nextSuch(when, now, utc)) : onItsDay(text, when, utc);
  if (!at) {
    return invalid;
  }
  if (*at <= now) {
    return Error{"Reload time " + std::string(line) + " is in the past - ignoring"};
  }
  return ReloadTime{*at, daily};
}

std::string showTime(std::int64_t at) {
  const std::time_t seconds = at;
  std::tm when{};
  ::localtime_r(&seconds, &when);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &when)};
}

}  // namespace holdfast::supervisor
