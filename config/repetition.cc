#include "config/repetition.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "config/source.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

enum class Kind { kSequence, kHexSequence, kList };
struct Word {
  std::string_view text;
  Kind kind;
};
// The longer word first.
constexpr std::array<Word, 3> kWords = {
    {{"~SEQx", Kind::kHexSequence}, {"~SEQ", Kind::kSequence}, {"~LST", Kind::kList}}};

const Word* wordOf(std::string_view line) {
  for (const Word& word : kWords) {
    if (line.starts_with(word.text) && trimLeft(line.substr(word.text.size())).starts_with('(')) {
      return &word;
    }
  }
  return nullptr;
}

// Splits at the commas that are outside braces. False where the braces do not match.
bool split(std::string_view text, std::vector<std::string_view>& parts) {
  std::size_t begin = 0;
  bool inBraces = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' || text[i] == '}') {
      if (inBraces == (text[i] == '{')) {
        return false;
      }
      inBraces = !inBraces;
    } else if (text[i] == ',' && !inBraces) {
      parts.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(trim(text.substr(begin)));
  return !inBraces;
}

// "{a, b}" as a and b; anything else as itself.
std::vector<std::string> unpack(std::string_view text) {
  std::vector<std::string_view> parts;
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
    split(text.substr(1, text.size() - 2), parts);
  } else {
    parts.push_back(text);
  }
  return {parts.begin(), parts.end()};
}

std::optional<std::int64_t> parseNumber(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const bool negative = text.front() == '-';
  if (negative) {
    text.remove_prefix(1);
  }
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) {
    text.remove_prefix(2);
  }
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return negative ? -std::int64_t{value} : std::int64_t{value};
}

std::string format(std::int64_t number, bool hex) {
  std::array<char, 24> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number, hex ? 16 : 10);
  return error == std::errc{} ? std::string(text.begin(), end) : std::string();
}

Result<Repetition> parseSequence(const std::vector<std::string_view>& parts, bool hex) {
  if (parts.size() < 2 || parts.size() > 4 || nameLength(parts[0]) != parts[0].size()) {
    return Error{"takes a name, and one to three numbers: (name, [start, [step,]] end)"};
  }
  std::array<std::int64_t, 3> numbers{};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto number = parseNumber(parts[i]);
    if (!number) {
      return Error{"'" + std::string(parts[i]) + "' is not a whole number"};
    }
    if (hex && *number < 0 && !(parts.size() == 4 && i == 2)) {
      return Error{"~SEQx counts positive numbers only"};
    }
    numbers.at(i - 1) = *number;
  }
  const std::int64_t end = numbers.at(parts.size() - 2);
  const std::int64_t start = parts.size() == 2 ? (end < 0 ? -1 : 1) : numbers[0];
  const std::int64_t step = parts.size() == 4 ? numbers[1] : (end < start ? -1 : 1);
  if (step == 0 || (step > 0 ? end < start : end > start)) {
    return Error{"this step never leads from start to end"};
  }
  if (static_cast<std::size_t>((end - start) / step) >= kMaxRepetitions) {
    return Error{"more than " + std::to_string(kMaxRepetitions) + " values"};
  }
  Repetition repetition;
  repetition.names.emplace_back(parts[0]);
  for (std::int64_t i = start; step > 0 ? i <= end : i >= end; i += step) {
    repetition.values.push_back({format(i, hex)});
  }
  return repetition;
}

Result<Repetition> parseList(const std::vector<std::string_view>& parts) {
  Repetition repetition;
  repetition.names = unpack(parts[0]);
  for (const std::string& name : repetition.names) {
    if (name.empty() || nameLength(name) != name.size()) {
      return Error{"'" + name + "' cannot be a parameter's name"};
    }
  }
  if (parts.size() < 2) {
    return Error{"takes a name and at least one value: (name, value, ...)"};
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    std::vector<std::string> row = unpack(parts[i]);
    if (row.size() > repetition.names.size()) {
      return Error{"more values in '" + std::string(parts[i]) + "' than names"};
    }
    row.resize(repetition.names.size());
    repetition.values.push_back(std::move(row));
  }
  if (repetition.values.size() > kMaxRepetitions) {
    return Error{"more than " + std::to_string(kMaxRepetitions) + " values"};
  }
  return repetition;
}

}  // namespace

bool isRepetition(std::string_view line) {
  return wordOf(trimLeft(line)) != nullptr;
}

std::size_t endOfRepetition(std::string_view line) {
  const std::size_t close = line.find(')');
  return close == std::string_view::npos ? 0 : close + 1;
}

Result<Repetition> parseRepetition(std::string_view specification) {
  specification = trim(specification);
  const Word* word = wordOf(specification);
  if (word == nullptr || specification.back() != ')') {
    return Error{"has no ')'"};
  }
  const std::size_t open = specification.find('(');
  std::vector<std::string_view> parts;
  if (!split(specification.substr(open + 1, specification.size() - open - 2), parts)) {
    return Error{"has a brace without its partner"};
  }
  switch (word->kind) {
    case Kind::kSequence:
      return parseSequence(parts, false);
    case Kind::kHexSequence:
      return parseSequence(parts, true);
    case Kind::kList:
      return parseList(parts);
  }
  return Error{"is unknown"};
}

}  // namespace holdfast::config
