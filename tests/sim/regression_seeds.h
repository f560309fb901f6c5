// Seeds that broke an invariant once: {seed, routers}, where 0 routers lets the seed decide.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace holdfast::sim {

inline constexpr std::array<std::pair<std::uint64_t, std::size_t>, 3> kRegressionSeeds = {{
    {18, 0},
    {23, 0},
    {59, 0},
}};

}  // namespace holdfast::sim
