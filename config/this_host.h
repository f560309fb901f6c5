// What is read of the machine before the sandbox closes: afterwards it cannot be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/plan.h"
#include "config/source.h"

namespace holdfast::config {

// The host's name as the configuration's id, a seed, and the environment: the variables whose names
// begin with `prefix`, without it.
[[nodiscard]] SourceOptions sourceOptionsOfThisHost(std::string_view prefix = {});

// Its interfaces, and who asks.
[[nodiscard]] Host thisHost();

// "eth0,eth1"
[[nodiscard]] std::vector<std::string> splitAtCommas(std::string_view text);

}  // namespace holdfast::config
