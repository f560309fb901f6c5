#include "config/context.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "config/block.h"
#include "config/suggest.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

std::string decimal(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%f", number);
  return text.data();
}

std::string whole(double number) {
  return std::to_string(static_cast<std::int64_t>(number));
}

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

std::string_view unitName(std::int64_t unit) {
  return unit == takes::kSecond        ? "seconds"
         : unit == takes::kMillisecond ? "milliseconds"
                                       : "microseconds";
}

std::size_t decimalsOf(std::string_view number) {
  const std::size_t point = number.find('.');
  return point == std::string_view::npos ? 0 : number.size() - point - 1;
}

std::size_t decimalsToMicroseconds(std::int64_t unit) {
  std::size_t decimals = 0;
  for (; unit > takes::kMicrosecond; unit /= 10) {
    ++decimals;
  }
  return decimals;
}

}  // namespace

bool Context::isNew(const Row& row, std::string_view name) {
  Names& known = names_[&row];
  const std::size_t before = known.all().size();
  return known.add(name) == before;
}

Names& Context::namesBefore(const Block& line) {
  LineNames& known = lineNames_[line.row()];
  if (known.owner != line.outer()->statement()) {
    known = {line.outer()->statement(), {}};
  }
  return known.names;
}

void Context::complain(Severity severity, Code code, const Statement& statement, std::size_t word,
                       std::string message, std::string hint) {
  report_.add(severity, code, statement.place(source_, word), std::move(message), std::move(hint));
}

void Context::missingParameter(const Statement& statement) {
  aborted_ = true;
  Place place = statement.place(source_);
  place.column = statement.words.back().end + 1;
  report_.add(Severity::kFatal, Code::kMissingParameter, std::move(place),
              "*** Configuration line starting `" + std::string(statement.keyword()) +
                  "` is missing a parameter after keyword `" +
                  std::string(statement.words.back().text) + "` at word position " +
                  std::to_string(statement.words.size() + 1),
              "a parameter is expected here; nothing behind this line has been looked at");
}

std::optional<std::int64_t> Context::number(Cursor& cursor, Bounds bounds) {
  const std::string_view keyword =
      cursor.word == 0 ? "" : cursor.statement.words[cursor.word - 1].text;
  const std::string_view text = cursor.take();
  const auto hint = [keyword, bounds] {
    return std::string(keyword) + " takes a whole number from " + whole(bounds.low) + " to " +
           whole(bounds.high);
  };
  std::int64_t value = 0;  // which "" is to keepalived
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  const auto [end, failure] =
      std::from_chars(text.data() + (plus ? 1 : 0), text.data() + text.size(), value);
  if (!text.empty() &&
      (failure == std::errc::invalid_argument || end != text.data() + text.size())) {
    error(Code::kInvalidValue, cursor, "invalid number " + quoted(text), hint());
    return std::nullopt;
  }
  if (value < 0 && bounds.low >= 0) {
    error(Code::kInvalidValue, cursor, "negative number " + quoted(text), hint());
    return std::nullopt;
  }
  const auto asDouble = static_cast<double>(value);
  if (failure == std::errc::result_out_of_range || asDouble < bounds.low ||
      asDouble > bounds.high) {
    error(Code::kInvalidValue, cursor,
          "number " + quoted(text) + " outside range [" + whole(bounds.low) + ", " +
              whole(bounds.high) + "]",
          hint());
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> Context::time(Cursor& cursor, Bounds bounds, std::int64_t unit) {
  const std::string_view keyword =
      cursor.word == 0 ? "" : cursor.statement.words[cursor.word - 1].text;
  const std::string_view text = cursor.take();
  const auto hint = [keyword, bounds, unit] {
    return std::string(keyword) + " takes " + std::string(unitName(unit)) + " from " +
           decimal(bounds.low) + " to " + decimal(bounds.high);
  };
  std::optional<Duration> value = parseTime(text, unit);
  if (!value || (value->count() < 0 && bounds.low >= 0)) {
    error(Code::kInvalidValue, cursor,
          (value ? "negative number " : "invalid number ") + quoted(text), hint());
    return std::nullopt;
  }
  if (decimalsOf(text) > decimalsToMicroseconds(unit)) {
    error(Code::kInvalidValue, cursor, "number " + quoted(text) + " has too many decimal places",
          "it is rounded to microseconds");
    value = std::chrono::round<std::chrono::microseconds>(*value);
  }
  // Bounds have at most six decimals, so that they are exact in nanoseconds after rounding.
  const auto low = static_cast<std::int64_t>(std::llround(bounds.low * static_cast<double>(unit)));
  const auto high =
      static_cast<std::int64_t>(std::llround(bounds.high * static_cast<double>(unit)));
  if (value->count() < low || value->count() > high) {
    error(Code::kInvalidValue, cursor,
          "number " + quoted(text) + " outside range [" + decimal(bounds.low) + ", " +
              decimal(bounds.high) + "]",
          hint());
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Context::boolean(Cursor& cursor) {
  const std::string keyword(cursor.word == 0 ? "" : cursor.statement.words[cursor.word - 1].text);
  const std::string_view text = cursor.take();
  for (const char* yes : {"on", "true", "yes"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const char* no : {"off", "false", "no"}) {
    if (text == no) {
      return false;
    }
  }
  error(Code::kInvalidValue, cursor,
        "Invalid value " + quoted(text) + " for " + keyword + " specified",
        keyword + " takes on, true, yes, off, false or no");
  return std::nullopt;
}

std::optional<IpAddress> Context::address(Cursor& cursor) {
  const std::string keyword(cursor.word == 0 ? "" : cursor.statement.words[cursor.word - 1].text);
  const std::string text(cursor.take());
  std::optional<IpAddress> value = IpAddress::parse(text);
  if (!value) {
    error(Code::kInvalidValue, cursor,
          "Configuration error: malformed address[" + text + "]. Skipping...",
          keyword + " takes an IPv4 or IPv6 address");
  }
  return value;
}

std::optional<std::int64_t> Context::choice(Cursor& cursor, std::span<const Choice> choices) {
  const std::string keyword(cursor.word == 0 ? "" : cursor.statement.words[cursor.word - 1].text);
  const std::string text(cursor.take());
  std::string words;
  std::vector<std::string_view> candidates;
  for (const Choice& choice : choices) {
    if (choice.word == text) {
      return choice.value;
    }
    candidates.push_back(choice.word);
    words += (words.empty() ? "" : ", ") + std::string(choice.word);
  }
  const auto nearest = maySuggest() ? nearestWord(text, candidates) : std::nullopt;
  error(Code::kInvalidValue, cursor,
        "Invalid value " + quoted(text) + " for " + keyword + " specified",
        (nearest ? "did you mean '" + std::string(*nearest) + "'? " : std::string()) + keyword +
            " takes " + words);
  return std::nullopt;
}

UserName Context::userName(Cursor& cursor) {
  UserName name;
  name.statement = &cursor.statement;
  name.user = cursor.take();
  if (cursor.hasWord()) {
    name.group = cursor.take();
  }
  return name;
}

std::optional<Command> Context::command(Cursor& cursor) {
  const Statement& statement = cursor.statement;
  const std::size_t first = cursor.word;
  const std::string_view text = statement.text(source_, first);
  std::string line(cursor.take());
  if (text.front() == '\'') {
    // The words do not know single quotes: take the line apart again.
    const std::size_t close = std::min(text.find('\'', 1), text.size());
    line = std::string(text.substr(0, std::min(close + 1, text.size())));
    const std::size_t end = statement.words[first].begin + close;
    while (cursor.hasWord() && statement.words[cursor.word].begin <= end) {
      cursor.take();
    }
  }
  Result<std::vector<std::string>> arguments = splitCommand(line);
  if (arguments && text.front() == '\'' && arguments->size() == 1) {
    arguments = splitCommand(arguments->front());
  }
  if (!arguments || arguments->empty() || arguments->front().empty()) {
    error(Code::kInvalidValue, statement, first,
          "Unable to parse " + std::string(statement.keyword()) + " script '" + line + "'",
          arguments ? "a path is expected" : arguments.error().message);
    return std::nullopt;
  }
  Command command;
  command.statement = &statement;
  command.arguments = std::move(*arguments);
  if (cursor.hasWord()) {
    command.user = userName(cursor);
  }
  return command;
}

}  // namespace holdfast::config
