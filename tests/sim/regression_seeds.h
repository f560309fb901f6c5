// Seeds that broke an invariant once: {seed, routers}, where 0 routers lets the seed decide.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace holdfast::sim {

inline constexpr std::array<std::pair<std::uint64_t, std::size_t>, 1> kRegressionSeeds = {{
    {1, 0},
}};

}  // namespace holdfast::sim
