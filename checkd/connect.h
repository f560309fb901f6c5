// What attempts over TCP, UDP and ICMP have in common.
#pragma once

#include <string>

#include "checkd/configuration.h"

namespace holdfast::checkd {

// connect(2) to where `to` goes: success also where a TCP connection is now being made.
[[nodiscard]] Status connectSocket(int socket, const Connection& to);

// "5 s", "1.5 s": in whole milliseconds.
[[nodiscard]] std::string secondsOf(Duration duration);

}  // namespace holdfast::checkd
