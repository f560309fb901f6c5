// How one run of a script ended.
#pragma once

#include <cstdint>

namespace holdfast {

struct ScriptOutcome {
  enum class Kind : std::uint8_t { kExited, kSignalled, kTimedOut, kNotStarted };
  Kind kind = Kind::kExited;
  std::uint32_t status = 0;  // exit status, signal, or errno (0: the check of its path refused it)

  [[nodiscard]] bool isSuccess() const { return kind == Kind::kExited && status == 0; }
  friend bool operator==(const ScriptOutcome&, const ScriptOutcome&) = default;
};

}  // namespace holdfast
