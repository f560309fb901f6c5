// What the rules of routes, policy rules and static addresses share.
#pragma once

#include <functional>

#include "config/iproute_names.h"
#include "config/resolve/resolution.h"

namespace holdfast::config {

// Calls `visit` for every line of the static list and of this list of the instances, in the order
// of the file.
void eachLine(Resolution& resolution, Key staticList, Key virtualList,
              const std::function<void(Block& line)>& visit);

// The number of what `keyword` names, set as `number`. False, without a message, where it is
// neither number nor name.
[[nodiscard]] bool resolveName(Resolution& resolution, Block& line, Key keyword, Key number,
                               IprouteNames::Kind kind, std::uint32_t highest);
// SOURCE/DESTINATION or DESTINATION, as one number.
[[nodiscard]] bool resolveRealms(Resolution& resolution, Block& line);
// Forgets, after having said so, a track_group that does not exist.
void resolveTrackGroup(Resolution& resolution, Block& line);
// Only what is known by its protocol is tracked. `what` is "Route" or "Rule".
void resolveProtocol(Resolution& resolution, Block& line, Key number, const char* what);

}  // namespace holdfast::config
