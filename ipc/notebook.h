// The memory in which privd keeps its notes, so that a privd that is started again after a crash
// has them. The supervisor makes it, holds its descriptor and never looks into it.
#pragma once

#include <cstddef>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// Room for two generations of the most instances, twice. What is not written takes no memory.
inline constexpr std::size_t kNotebookBytes = std::size_t{4} << 20;

// A memfd of zeros whose size is sealed: a mapping of it cannot fault.
[[nodiscard]] Result<UniqueFd> createNotebook();

}  // namespace holdfast
