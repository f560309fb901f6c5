// A message of the kernel's process connector (linux/cn_proc.h).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>

namespace holdfast::watchd {

// A process that is new, runs another program, or has another name.
struct ProcessEvent {
  pid_t pid = 0;
  bool isFork = false;
  friend bool operator==(const ProcessEvent&, const ProcessEvent&) = default;
};

// nullopt for what is malformed, of another kind, or about a thread.
[[nodiscard]] std::optional<ProcessEvent> parseConnectorMessage(std::span<const std::byte> message);

}  // namespace holdfast::watchd
