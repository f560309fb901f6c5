// What in an object's values surprises people, said out loud.
#pragma once

#include <string>
#include <vector>

#include "config/block.h"

namespace holdfast::config {

[[nodiscard]] std::vector<std::string> remarksOn(const Block& block);

}  // namespace holdfast::config
