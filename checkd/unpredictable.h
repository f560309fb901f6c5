// Numbers that nobody off the path can guess: ids of questions, tokens of echo requests.
#pragma once

#include <cstdint>

namespace holdfast::checkd {

[[nodiscard]] std::uint64_t unpredictable();

}  // namespace holdfast::checkd
