// One line of a file, taken apart for the formatter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

struct Pieces {
  // One for each line of the canonical layout. None where there is only a comment, or nothing.
  std::vector<std::string> lines;
  std::string_view comment;    // with its '#' or '!'
  std::string_view condition;  // @id..., where the line has one
  // Statements and braces only, so that a '{' may go to the end of the line before, and lines may
  // be told apart from each other. Otherwise there is one piece, as it stands in the file.
  bool plain = false;
};

// `raw` is a line of the kind FileLine::Kind::kPlain.
[[nodiscard]] Pieces takeApart(std::string_view raw);

// Would the source level do something else with this line than hand it on?
[[nodiscard]] bool isDirective(std::string_view line);

// How deep the braces of a piece lead.
struct Nesting {
  int closedFirst = 0;  // braces that close before anything else
  int change = 0;       // of the depth, over the whole piece
};
[[nodiscard]] Nesting nestingOf(std::string_view piece);

}  // namespace holdfast::config
