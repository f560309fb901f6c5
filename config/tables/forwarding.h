// lvs_method and its kin: how packets reach a server.
#pragma once

#include <array>

#include "config/table.h"

namespace holdfast::config {

// The numbers are those of schema::IpvsDestination.
inline constexpr std::array<Choice, 3> kForwardingMethods = {{{"NAT", 0}, {"TUN", 2}, {"DR", 3}}};
inline constexpr std::array<Choice, 3> kTunnelTypes = {{{"ipip", 0}, {"gue", 1}, {"gre", 2}}};
inline constexpr std::array<Choice, 3> kTunnelChecksums = {
    {{"nocsum", 0}, {"csum", 1}, {"remcsum", 2}}};
inline constexpr const char* kForwardingSyntax =
    "NAT|DR|TUN [type ipip|gue|gre] [port NUMBER] [nocsum|csum|remcsum]";

// NAT|DR|TUN [type T] [port N] [CHECKSUM], into `key` and its parts "<key> type", "<key> port" and
// "<key> checksum". `what` is for messages: "virtual server".
void readForwarding(Context& context, Block& block, Cursor& cursor, std::string_view key,
                    std::string_view what);

}  // namespace holdfast::config
