// What can be said about one line of a file by itself: its comment, its conditions, its definition.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::config {

// Where the line's comment starts, or its end. '#' and '!' start one outside double quotes; '\#'
// and
// '\!' stand for the character itself, and make `escapes` true.
[[nodiscard]] std::size_t startOfComment(std::string_view line, bool& escapes);

// The line without its comment, its escapes and its trailing space; in `buffer` where it has
// escapes.
[[nodiscard]] std::string_view withoutComment(std::string_view line, std::string& buffer);

// Is there a condition (@id, @^id) at the front, apart from white space?
[[nodiscard]] bool isConditional(std::string_view line);

// The line without its conditions, which have become spaces so that columns stay; nullopt where one
// of them is not met, or nothing follows them. Conditions can be chained: all have to be met.
[[nodiscard]] std::optional<std::string> withoutConditions(std::string_view line,
                                                           std::string_view configId);

// $NAME=VALUE
struct Definition {
  std::string name;
  std::string value;
};
[[nodiscard]] std::optional<Definition> parseDefinition(std::string_view line);

// Is this, behind any conditions, the first line of a definition that goes on in the next line?
[[nodiscard]] bool beginsLongDefinition(std::string_view line);

}  // namespace holdfast::config
