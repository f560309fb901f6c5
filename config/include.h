// include and its variants: which files a pattern names, and which of them have to be there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/files.h"
#include "config/source.h"

namespace holdfast::config {

struct IncludeRequest {
  IncludeChecks checks;  // of the statement's own letter
  std::string pattern;
};

// Nullopt where the line does not begin with an include keyword and a pattern.
[[nodiscard]] std::optional<IncludeRequest> parseInclude(std::string_view line);

// Applies the words behind `include_check` to `checks`. An unknown word is returned.
[[nodiscard]] std::optional<std::string> applyIncludeCheck(std::string_view arguments,
                                                           IncludeChecks& checks);

// "a/{b,c}/d" as "a/b/d" and "a/c/d", as in csh; nested braces too. At most `limit` patterns.
[[nodiscard]] std::vector<std::string> expandBraces(const std::string& pattern, std::size_t limit);

// A problem with one pattern: an error where a check asks for what is missing, else a notice.
struct IncludeProblem {
  Severity severity;
  std::string message;
};

// The files that `pattern` (absolute) names and that can be included, in order.
[[nodiscard]] std::vector<std::string> findIncluded(const std::string& pattern,
                                                    const IncludeChecks& checks, const Files& files,
                                                    std::vector<IncludeProblem>& problems);

}  // namespace holdfast::config
