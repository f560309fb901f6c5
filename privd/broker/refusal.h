// What is said of an address that the kernel refused to set or to remove.
#pragma once

#include <string>
#include <string_view>

#include "privd/broker/configuration.h"

namespace holdfast::privd {

// "10.0.0.1/24", as it is written in the configuration and after `ip address add`.
[[nodiscard]] std::string textOf(const VirtualAddress& address);

// "cannot set 10.0.0.1/24 on eth0: Invalid argument: check its ...": which address, where, the
// reason, and what can be done about it where that is known.
[[nodiscard]] std::string cannotSet(const VirtualAddress& address, std::string_view interface,
                                    int error);
[[nodiscard]] std::string cannotRemove(const VirtualAddress& address, std::string_view interface,
                                       int error);

}  // namespace holdfast::privd
