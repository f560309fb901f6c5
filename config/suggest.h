// "Did you mean": the word of a list that a mistyped one is closest to.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace holdfast::config {

// Nullopt where nothing is close: more than a third of the word would have to change.
[[nodiscard]] std::optional<std::string_view> nearestWord(
    std::string_view word, std::span<const std::string_view> candidates);

}  // namespace holdfast::config
