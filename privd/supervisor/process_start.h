// The first and last steps of becoming a well-behaved process.
#pragma once

#include <string>

#include "ipc/result.h"

namespace holdfast::supervisor {

// Descriptors 0, 1 and 2 exist afterwards (/dev/null where they did not), so that nothing that is
// opened later can be taken for a standard stream.
void ensureStandardDescriptors();

// Whoever started us may have left descriptors open: none of them is for us or our children.
void closeInheritedDescriptors();

// What ps -o comm shows from now on; the program's own name where `name` is empty.
void setProcessName(const std::string& name);

// Becomes a session leader without a terminal, in the background; the starting process exits 0.
[[nodiscard]] Status detach();

}  // namespace holdfast::supervisor
