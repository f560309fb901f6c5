#include "config/keyword.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "config/known_keywords.h"
#include "config/suggest.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

// "3", "0.5": at most nine digits behind the point. Exact, unlike a double.
std::optional<Duration> parseSeconds(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  constexpr std::size_t kMaxDigits = 9;
  if ((whole.empty() && fraction.empty()) || whole.size() > kMaxDigits ||
      fraction.size() > kMaxDigits) {
    return std::nullopt;
  }
  std::int64_t nanoseconds = 0;
  for (std::size_t i = 0; i < whole.size() + kMaxDigits; ++i) {
    const std::size_t behind = i - whole.size();
    const char c = i < whole.size() ? whole[i] : behind < fraction.size() ? fraction[behind] : '0';
    if (!isDigit(c)) {
      return std::nullopt;
    }
    nanoseconds = nanoseconds * 10 + (c - '0');
  }
  return Duration(nanoseconds);
}

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

std::string suggestion(std::string_view path, const std::string& keyword,
                       std::span<const std::string_view> names) {
  std::vector<std::string_view> candidates(names.begin(), names.end());
  addKnownNames(path, candidates);
  if (const auto nearest = nearestWord(keyword, candidates)) {
    return "did you mean '" + std::string(*nearest) + "'?";
  }
  if (const auto home = homeOf(keyword)) {
    return home->empty() ? "this keyword starts a block of its own: is a '}' missing before it?"
                         : "this keyword belongs in a " + std::string(*home) + " block";
  }
  return {};
}

}  // namespace

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

std::optional<std::int64_t> Context::number(const Statement& statement, std::size_t word,
                                            Bounds bounds) {
  const std::string text(statement.words.at(word).text);
  const std::string hint = std::string(statement.words.at(word - 1).text) +
                           " takes a whole number from " + whole(bounds.low) + " to " +
                           whole(bounds.high);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::invalid_argument || end != text.data() + text.size()) {
    error(Code::kInvalidValue, statement, word, "invalid number " + quoted(text), hint);
    return std::nullopt;
  }
  if (value < 0 && bounds.low >= 0) {
    error(Code::kInvalidValue, statement, word, "negative number " + quoted(text), hint);
    return std::nullopt;
  }
  const auto asDouble = static_cast<double>(value);
  if (failure != std::errc{} || asDouble < bounds.low || asDouble > bounds.high) {
    error(Code::kInvalidValue, statement, word,
          "number " + quoted(text) + " outside range [" + whole(bounds.low) + ", " +
              whole(bounds.high) + "]",
          hint);
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> Context::seconds(const Statement& statement, std::size_t word,
                                         Bounds bounds) {
  const std::string text(statement.words.at(word).text);
  const std::string hint = std::string(statement.keyword()) + " takes seconds from " +
                           decimal(bounds.low) + " to " + decimal(bounds.high);
  const std::optional<Duration> value = parseSeconds(text);
  if (!value) {
    const bool negative = text.starts_with('-') && parseSeconds(std::string_view(text).substr(1));
    error(Code::kInvalidValue, statement, word,
          (negative ? "negative number " : "invalid number ") + quoted(text), hint);
    return std::nullopt;
  }
  // Bounds have at most six decimals, so that they are exact in nanoseconds after rounding.
  const auto low = static_cast<std::int64_t>(std::llround(bounds.low * 1e9));
  const auto high = static_cast<std::int64_t>(std::llround(bounds.high * 1e9));
  if (value->count() < low || value->count() > high) {
    error(Code::kInvalidValue, statement, word,
          "number " + quoted(text) + " outside range [" + decimal(bounds.low) + ", " +
              decimal(bounds.high) + "]",
          hint);
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Context::boolean(const Statement& statement, std::size_t word) {
  const std::string text(statement.words.at(word).text);
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
  error(Code::kInvalidValue, statement, word,
        "Invalid value " + quoted(text) + " for " + std::string(statement.keyword()) + " specified",
        std::string(statement.keyword()) + " takes on, true, yes, off, false or no");
  return std::nullopt;
}

std::optional<IpAddress> Context::address(const Statement& statement, std::size_t word) {
  const std::string text(statement.words.at(word).text);
  std::optional<IpAddress> value = IpAddress::parse(text);
  if (!value) {
    error(Code::kInvalidValue, statement, word,
          "Configuration error: malformed address[" + text + "]. Skipping...",
          std::string(statement.keyword()) + " takes an IPv4 or IPv6 address");
  }
  return value;
}

UserName Context::userName(const Statement& statement, std::size_t from) {
  UserName name;
  name.statement = &statement;
  name.user = statement.words.at(from).text;
  if (from + 1 < statement.words.size()) {
    name.group = statement.words[from + 1].text;
  }
  return name;
}

std::optional<Command> Context::command(const Statement& statement) {
  const std::string_view text = statement.text(source_);
  std::string line(statement.words[1].text);
  std::size_t behind = 2;
  if (text.front() == '\'') {
    // The words do not know single quotes: take the line apart again.
    const std::size_t close = std::min(text.find('\'', 1), text.size());
    line = std::string(text.substr(0, std::min(close + 1, text.size())));
    const std::size_t end = statement.words[1].begin + close;
    while (behind < statement.words.size() && statement.words[behind].begin <= end) {
      ++behind;
    }
  }
  Result<std::vector<std::string>> arguments = splitCommand(line);
  if (arguments && text.front() == '\'' && arguments->size() == 1) {
    arguments = splitCommand(arguments->front());
  }
  if (!arguments || arguments->empty() || arguments->front().empty()) {
    error(Code::kInvalidValue, statement, 1,
          "Unable to parse " + std::string(statement.keyword()) + " script '" + line + "'",
          arguments ? "a path is expected" : arguments.error().message);
    return std::nullopt;
  }
  Command command;
  command.statement = &statement;
  command.arguments = std::move(*arguments);
  if (behind < statement.words.size()) {
    command.user = userName(statement, behind);
  }
  return command;
}

void unknownKeyword(Context& context, std::string_view path, const Statement& statement,
                    std::span<const std::string_view> names) {
  const std::string keyword(statement.keyword());
  if (const KnownKeyword* known = findKnown(path, keyword)) {
    if (known->effect == Effect::kHarmless) {
      context.complain(Severity::kNotice, Code::kNotSupported, statement, 0,
                       "Keyword '" + keyword + "' is not supported yet - ignoring");
    } else {
      context.error(Code::kNotSupported, statement, 0,
                    "Keyword '" + keyword + "' is not supported yet - ignoring" +
                        (statement.hasBlock ? " its block" : ""),
                    "keepalived would act on it; this version does not");
    }
    checkKnownBlock(context, path, *known, statement);
    return;
  }
  std::string hint = context.maySuggest() ? suggestion(path, keyword, names) : std::string();
  if (statement.hasBlock) {
    hint += hint.empty() ? "its block is skipped" : " (its block is skipped)";
  }
  context.error(Code::kUnknownKeyword, statement, 0, "Unknown keyword " + quoted(keyword), hint);
}

bool wellFormed(Context& context, const Statement& statement, Takes takes) {
  const bool isBlock =
      takes == Takes::kList || takes == Takes::kNamedBlock || takes == Takes::kBlock;
  if (isBlock && !statement.hasBlock) {
    context.error(Code::kBraces, statement, statement.words.size() - 1,
                  "Missing '{' at beginning of configuration block",
                  std::string(statement.keyword()) + " is followed by a block in braces");
    return false;
  }
  if (!isBlock && statement.hasBlock) {
    context.error(Code::kBraces, statement, 0, "Unexpected '{' - ignoring",
                  std::string(statement.keyword()) + " has no block; what stands in it is skipped");
  }
  if (takes == Takes::kNamedBlock && statement.parameterCount() != 1) {
    context.error(
        Code::kInvalidValue, statement, 0, std::string(statement.keyword()) + " must have a name",
        "exactly one word is expected between " + std::string(statement.keyword()) + " and '{'");
    return false;
  }
  if (takes == Takes::kName && statement.parameterCount() == 0) {
    context.error(Code::kMissingSetting, statement, 0,
                  std::string(statement.keyword()) + " name missing - ignoring",
                  "a name is expected");
    return false;
  }
  const bool needsParameter = takes == Takes::kNumber || takes == Takes::kSeconds ||
                              takes == Takes::kText || takes == Takes::kAddress ||
                              takes == Takes::kScript || takes == Takes::kOther;
  if (needsParameter && statement.parameterCount() == 0) {
    context.missingParameter(statement);
    return false;
  }
  return true;
}

}  // namespace holdfast::config
