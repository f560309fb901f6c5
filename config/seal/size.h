// How large the sealed messages can be, without making them.
#pragma once

#include <cstddef>

#include "config/plan.h"

namespace holdfast::config {

// No message of `plan`, which has been made of `source`, has more bytes.
[[nodiscard]] std::size_t mostSealedBytes(const Plan& plan, const Source& source);

}  // namespace holdfast::config
