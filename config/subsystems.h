// What of a configuration is wanted: -P and -C leave the other subsystem out, as if the file did
// not have it.
#pragma once

#include "config/block.h"

namespace holdfast::config {

struct Subsystems {
  bool vrrp = true;
  bool checkers = true;
};

// Before any rule has looked at the blocks.
void leaveOut(Block& configuration, Subsystems wanted);

}  // namespace holdfast::config
