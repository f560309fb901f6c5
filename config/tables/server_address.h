// What virtual, real and sorry servers have in common: IP [PORT], and a name for SNMP.
#pragma once

#include <string>

#include "config/table.h"

namespace holdfast::config {

// Into `addressKey` and `portKey`, which stays unsaid where there is no port. False, after having
// said `message` and both words, where they are none.
[[nodiscard]] bool readServerAddress(Context& context, Block& block, Cursor& cursor, Key addressKey,
                                     Key portKey, std::string_view message);

// inet_aton(3) and inet_pton(3) notation; what stands behind a '-' or '/' is not looked at.
[[nodiscard]] bool hasAddressSuffix(std::string_view word);

// snmp_name NAME; `noun` is what has it.
void readSnmpName(Context& context, Block& block, Cursor& cursor, std::string_view noun);

}  // namespace holdfast::config
