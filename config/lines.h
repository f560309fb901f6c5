// How the lines of each kind of list begin, and blocks with words before the brace. They read the
// first words, and are false after having said why the line is dropped.
#pragma once

#include "config/table.h"

namespace holdfast::config {

// ADDRESS..., of mail.
[[nodiscard]] bool beginRecipientLine(Context& context, Block& line, Cursor& cursor);
// NAME, of what is tracked.
[[nodiscard]] bool beginTrackLine(Context& context, Block& line, Cursor& cursor);
// INTERFACE
[[nodiscard]] bool beginLinkbeatLine(Context& context, Block& line, Cursor& cursor);
// INTERFACE [DOWN [UP]], in seconds.
[[nodiscard]] bool beginDelayLine(Context& context, Block& line, Cursor& cursor);
// ADDRESS
[[nodiscard]] bool beginUnicastPeerLine(Context& context, Block& line, Cursor& cursor);
// ADDRESS[/LENGTH]
[[nodiscard]] bool beginAddressLine(Context& context, Block& line, Cursor& cursor);
// ADDRESS[-END|/LENGTH] [PORT] | fwmark NUMBER [inet|inet6]
[[nodiscard]] bool beginGroupLine(Context& context, Block& line, Cursor& cursor);

// NAME
[[nodiscard]] bool beginVirtualServerGroup(Context& context, Block& group, Cursor& cursor);
// ADDRESS [PORT] | fwmark NUMBER | group NAME
[[nodiscard]] bool beginVirtualServer(Context& context, Block& server, Cursor& cursor);
// ADDRESS [PORT]
[[nodiscard]] bool beginRealServer(Context& context, Block& server, Cursor& cursor);

// [TYPE] [to] PREFIX
[[nodiscard]] bool beginRouteLine(Context& context, Block& line, Cursor& cursor);
// SELECTORS ACTION
[[nodiscard]] bool beginRuleLine(Context& context, Block& line, Cursor& cursor);

}  // namespace holdfast::config
