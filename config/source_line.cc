#include "config/source_line.h"

#include "config/text.h"

namespace holdfast::config {
namespace {

// Where the conditions at the front of `line` end.
std::size_t endOfConditions(std::string_view line) {
  std::size_t end = line.size() - trimLeft(line).size();
  while (end < line.size() && line[end] == '@') {
    while (end < line.size() && !isSpace(line[end])) {
      ++end;
    }
    while (end < line.size() && isSpace(line[end])) {
      ++end;
    }
  }
  return end;
}

// What can begin, hide or escape a comment.
constexpr CharacterSet kSpecial("#!\"\\");

}  // namespace

std::size_t startOfComment(std::string_view line, bool& escapes) {
  escapes = false;
  bool quoted = false;
  for (std::size_t i = kSpecial.find(line); i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\') {
      const char next = i + 1 < line.size() ? line[i + 1] : '\0';
      const bool escape = quoted ? next == '"' || next == '\\' : next == '#' || next == '!';
      escapes = escapes || (escape && !quoted);
      i += escape ? 1 : 0;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '#' || c == '!')) {
      return i;
    }
  }
  return line.size();
}

std::string_view withoutComment(std::string_view line, std::string& buffer) {
  bool escapes = false;
  line = trimRight(line.substr(0, startOfComment(line, escapes)));
  if (!escapes) {
    return line;
  }
  buffer.clear();
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    if (c == '\\' && (quoted ? next == '"' || next == '\\' : next == '#' || next == '!')) {
      if (quoted) {
        buffer += c;
      }
      buffer += next;
      ++i;
      continue;
    }
    quoted = quoted != (c == '"');
    buffer += c;
  }
  return buffer;
}

bool isConditional(std::string_view line) {
  line = trimLeft(line);
  return !line.empty() && line.front() == '@';
}

std::optional<std::string> withoutConditions(std::string_view line, std::string_view configId) {
  const std::size_t end = endOfConditions(line);
  std::string_view conditions = trim(line.substr(0, end));
  while (!conditions.empty()) {
    std::size_t length = 0;
    while (length < conditions.size() && !isSpace(conditions[length])) {
      ++length;
    }
    std::string_view id = conditions.substr(1, length - 1);
    const bool negative = !id.empty() && id.front() == '^';
    if (negative) {
      id.remove_prefix(1);
    }
    if ((id == configId) == negative) {
      return std::nullopt;
    }
    conditions = trimLeft(conditions.substr(length));
  }
  if (trim(line.substr(end)).empty()) {
    return std::nullopt;
  }
  return std::string(end, ' ') + std::string(line.substr(end));
}

std::optional<Definition> parseDefinition(std::string_view line) {
  line = trimLeft(line);
  if (line.empty() || line.front() != '$') {
    return std::nullopt;
  }
  const std::size_t length = nameLength(line.substr(1));
  if (length == 0 || 1 + length >= line.size() || line[1 + length] != '=') {
    return std::nullopt;
  }
  return Definition{std::string(line.substr(1, length)), std::string(line.substr(2 + length))};
}

bool beginsLongDefinition(std::string_view line) {
  return !line.empty() && line.back() == '\\' &&
         parseDefinition(line.substr(endOfConditions(line))).has_value();
}

}  // namespace holdfast::config
