// The options of a regular expression as the library has them.
#pragma once

#include <cstdint>

#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::checkd {

// PCRE2_*, of pcre2api(3); 0 for one that is not known.
[[nodiscard]] std::uint32_t pcre2Option(schema::RegexOption option);

}  // namespace holdfast::checkd
