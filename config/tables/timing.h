// Times of health checks.
#pragma once

#include "config/table.h"

namespace holdfast::config {

inline constexpr double kCenturies = 9'000'000'000;
inline constexpr Takes kLoop = takes::seconds(0.000001, kCenturies);
inline constexpr Takes kTimeout = takes::seconds(0.000001, 4294.967295);
inline constexpr Takes kDelay = takes::seconds(0, kCenturies);

}  // namespace holdfast::config
