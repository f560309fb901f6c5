// ~SEQ, ~SEQx and ~LST: the rest of a line, once for each of a row of values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"

namespace holdfast::config {

struct Repetition {
  std::vector<std::string> names;                // parameters that are set
  std::vector<std::vector<std::string>> values;  // one row for each pass, as long as `names`
};

[[nodiscard]] bool isRepetition(std::string_view line);

// Where the specification ends: the position behind its ')'. 0 where it has none.
[[nodiscard]] std::size_t endOfRepetition(std::string_view line);

// `specification` is the text up to and with the ')', for example "~SEQ(i, 1, 3)".
[[nodiscard]] Result<Repetition> parseRepetition(std::string_view specification);

}  // namespace holdfast::config
