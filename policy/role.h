// The processes of docs/design.md, as far as what they may do is concerned.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::policy {

enum class Role : std::uint8_t { kSupervisor, kPrivd, kConfd, kVrrpd, kScriptd, kWatchd, kCheckd };

inline constexpr Role kRoles[] = {Role::kSupervisor, Role::kPrivd,  Role::kConfd, Role::kVrrpd,
                                  Role::kScriptd,    Role::kWatchd, Role::kCheckd};

[[nodiscard]] constexpr std::string_view nameOf(Role role) {
  switch (role) {
    case Role::kSupervisor:
      return "supervisor";
    case Role::kPrivd:
      return "privd";
    case Role::kConfd:
      return "confd";
    case Role::kVrrpd:
      return "vrrpd";
    case Role::kScriptd:
      return "scriptd";
    case Role::kWatchd:
      return "watchd";
    case Role::kCheckd:
      return "checkd";
  }
  return "";
}

// The name of the role's executable, as in /proc/PID/exe.
[[nodiscard]] constexpr std::string_view executableOf(Role role) {
  switch (role) {
    case Role::kSupervisor:
      return "holdfast";
    case Role::kPrivd:
      return "holdfast-privd";
    case Role::kConfd:
      return "holdfast-confd";
    case Role::kVrrpd:
      return "holdfast-vrrpd";
    case Role::kScriptd:
      return "holdfast-scriptd";
    case Role::kWatchd:
      return "holdfast-watchd";
    case Role::kCheckd:
      return "holdfast-checkd";
  }
  return "";
}

}  // namespace holdfast::policy
