// The raw table behind config/known_keywords.h.
#pragma once

#include <string_view>
#include <vector>

#include "config/known_keywords.h"

namespace holdfast::config {

struct KnownSection {
  std::string_view path;
  KnownKeyword::Kind kind;
  Effect effect;
  std::string_view names;  // separated by spaces
};

[[nodiscard]] const std::vector<KnownSection>& knownSections();

}  // namespace holdfast::config
