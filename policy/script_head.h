// What a script's first bytes say about how it is run.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/script_path.h"

namespace holdfast::policy {

// How far the kernel looks (BINPRM_BUF_SIZE).
inline constexpr std::size_t kScriptHeadBytes = 256;

struct ScriptHead {
  ScriptFormat format = ScriptFormat::kUnknown;
  std::string interpreter;  // absolute: what follows #!, or /bin/sh for plain text; else empty
};

[[nodiscard]] ScriptHead parseScriptHead(std::string_view head);

}  // namespace holdfast::policy
