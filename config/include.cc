#include "config/include.h"

#include <array>

#include "config/text.h"

namespace holdfast::config {
namespace {

struct Variant {
  std::string_view keyword;
  IncludeChecks checks;  // readable, match, wildcardMatch, braceMatch
};
constexpr std::array<Variant, 6> kVariants = {{
    {"include", {}},
    {"includer", {true, false, false, false}},
    {"includem", {true, true, false, false}},
    {"includew", {true, true, true, false}},
    {"includeb", {true, false, false, true}},
    {"includea", {true, true, true, true}},
}};

// The words of include_check. `readable` is what the manual says, `read` what keepalived takes.
struct CheckWord {
  std::string_view word;
  bool IncludeChecks::*check;
};
constexpr std::array<CheckWord, 5> kCheckWords = {{
    {"read", &IncludeChecks::readable},
    {"readable", &IncludeChecks::readable},
    {"match", &IncludeChecks::match},
    {"wildcard_match", &IncludeChecks::wildcardMatch},
    {"brace_match", &IncludeChecks::braceMatch},
}};

constexpr std::size_t kMaxPatterns = 1000;

bool hasWildcard(std::string_view pattern) {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

// The directory in front of the first component with a wildcard.
std::string fixedDirectory(const std::string& pattern) {
  return directoryOf(pattern.substr(0, pattern.find_first_of("*?[")));
}

// The end of the first brace group: position of its '}', and of its commas on the way.
std::size_t closeOfBraces(const std::string& pattern, std::size_t open,
                          std::vector<std::size_t>& commas) {
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    } else if (pattern[i] == ',' && depth == 1) {
      commas.push_back(i);
    }
  }
  return std::string::npos;
}

void expandInto(const std::string& pattern, std::size_t limit, std::vector<std::string>& out) {
  const std::size_t open = pattern.find('{');
  std::vector<std::size_t> commas;
  const std::size_t close = open == std::string::npos ? open : closeOfBraces(pattern, open, commas);
  if (close == std::string::npos) {
    if (out.size() < limit) {
      out.push_back(pattern);
    }
    return;
  }
  commas.push_back(close);
  std::size_t begin = open + 1;
  for (const std::size_t end : commas) {
    if (out.size() >= limit) {
      return;
    }
    expandInto(
        pattern.substr(0, open) + pattern.substr(begin, end - begin) + pattern.substr(close + 1),
        limit, out);
    begin = end + 1;
  }
}

Severity severityOf(bool required) {
  return required ? Severity::kError : Severity::kNotice;
}

}  // namespace

std::optional<IncludeRequest> parseInclude(std::string_view line) {
  line = trim(line);
  for (const Variant& variant : kVariants) {
    if (line.starts_with(variant.keyword)) {
      const std::string_view rest = line.substr(variant.keyword.size());
      if (!rest.empty() && isSpace(rest.front())) {
        return IncludeRequest{variant.checks, std::string(trim(rest))};
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> applyIncludeCheck(std::string_view arguments, IncludeChecks& checks) {
  arguments = trim(arguments);
  if (arguments.empty()) {
    checks = IncludeChecks::all();
    return std::nullopt;
  }
  if (arguments.front() != '+' && arguments.front() != '-') {
    checks = IncludeChecks{};
  }
  std::optional<std::string> unknown;
  while (!arguments.empty()) {
    std::size_t length = 0;
    while (length < arguments.size() && !isSpace(arguments[length])) {
      ++length;
    }
    std::string_view word = arguments.substr(0, length);
    const bool remove = word.front() == '-';
    if (remove || word.front() == '+') {
      word.remove_prefix(1);
    }
    bool known = false;
    for (const CheckWord& row : kCheckWords) {
      if (row.word == word) {
        checks.*row.check = !remove;
        known = true;
      }
    }
    if (!known) {
      unknown = std::string(word);
    }
    arguments = trimLeft(arguments.substr(length));
  }
  return unknown;
}

std::vector<std::string> expandBraces(const std::string& pattern, std::size_t limit) {
  std::vector<std::string> out;
  expandInto(pattern, limit, out);
  return out;
}

std::vector<std::string> findIncluded(const std::string& pattern, const IncludeChecks& checks,
                                      const Files& files, std::vector<IncludeProblem>& problems) {
  const std::vector<std::string> alternatives = expandBraces(pattern, kMaxPatterns);
  const bool wildcard = hasWildcard(pattern);
  std::size_t unmatched = 0;
  std::vector<std::string> found;
  for (const std::string& alternative : alternatives) {
    const std::vector<std::string> matches = files.match(alternative);
    unmatched += matches.empty() ? 1 : 0;
    found.insert(found.end(), matches.begin(), matches.end());
  }
  if (found.empty() && wildcard && files.kind(fixedDirectory(pattern)) == Files::Kind::kDirectory) {
    if (checks.wildcardMatch) {
      problems.push_back({Severity::kError, "No config files matched '" + pattern + "'."});
    }
  } else if (found.empty()) {
    problems.push_back({severityOf(wildcard ? checks.wildcardMatch : checks.match),
                        "Config files missing '" + pattern + "'."});
  } else if (unmatched > 0) {
    problems.push_back(
        {severityOf(checks.braceMatch), "Some config files missing: \"" + pattern + "\"."});
  }
  std::vector<std::string> usable;
  for (std::string& path : found) {
    const Files::Kind kind = files.kind(path);
    if (kind == Files::Kind::kRegular) {
      usable.push_back(std::move(path));
    } else {
      problems.push_back({severityOf(checks.readable),
                          kind == Files::Kind::kDirectory
                              ? "Configuration file '" + path + "/' is a directory - skipping"
                              : "Configuration file '" + path +
                                    "' is not a regular non-executable file - skipping"});
    }
  }
  return usable;
}

}  // namespace holdfast::config
