// The memory in which privd, vrrpd and checkd keep their notes, so that one that is started again after a
// crash has them. The supervisor makes all, holds their descriptors and never looks into them.
#pragma once

#include <cstddef>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// Room for two generations of the most instances, twice. What is not written takes no memory.
inline constexpr std::size_t kNotebookBytes = std::size_t{4} << 20;

// vrrpd: its counters and a few words for each of 4,000 instances.
inline constexpr std::size_t kVrrpdNotebookBytes = std::size_t{1} << 20;

// checkd: a few words for each of 100,000 checkers and servers.
inline constexpr std::size_t kCheckdNotebookBytes = std::size_t{8} << 20;

// A memfd of zeros whose size is sealed: a mapping of it cannot fault.
[[nodiscard]] Result<UniqueFd> createNotebook();
[[nodiscard]] Result<UniqueFd> createVrrpdNotebook();
[[nodiscard]] Result<UniqueFd> createCheckdNotebook();

}  // namespace holdfast
