// How the lines of each kind of list begin. They read the first words, and are false after having
// said why the line is dropped.
#pragma once

#include "config/table.h"

namespace holdfast::config {

// NAME, of what is tracked.
[[nodiscard]] bool beginTrackLine(Context& context, Block& line, Cursor& cursor);
// ADDRESS
[[nodiscard]] bool beginUnicastPeerLine(Context& context, Block& line, Cursor& cursor);
// ADDRESS[/LENGTH]
[[nodiscard]] bool beginAddressLine(Context& context, Block& line, Cursor& cursor);

}  // namespace holdfast::config
