// genhash reads what a server sends, so it keeps nothing that this could be turned against.
#pragma once

#include "ipc/result.h"

namespace holdfast::checkd {

// Root becomes nobody; whoever else stays, without a capability. From then on: descriptors that are
// open, memory, time, and no other system call.
[[nodiscard]] Status confineGenhash();

}  // namespace holdfast::checkd
