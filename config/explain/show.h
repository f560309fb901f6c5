// Values and objects as people read them.
#pragma once

#include <string>

#include "config/block.h"

namespace holdfast::config {

// As a file would say it. Secrets are masked.
[[nodiscard]] std::string show(const Row& row, const Value& value);

// "vrrp_instance VI_1", "virtual_ipaddress 10.9.0.9/24"; "configuration" for the outermost level.
[[nodiscard]] std::string titleOf(const Block& block);

}  // namespace holdfast::config
