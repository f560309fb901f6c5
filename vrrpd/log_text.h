// From the lines that the pure objects of this room want written to the log.
#pragma once

#include "ipc/log.h"
#include "vrrpd/action.h"

namespace holdfast::vrrpd {

void write(Log& log, const LogText& line);

}  // namespace holdfast::vrrpd
