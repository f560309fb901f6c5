// The daemons' own system users, looked up in the local files only: no NSS module (which could open
// sockets, load code or wait for a server) runs in a process of ours.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::policy {

// Created by packaging/holdfast.sysusers. Each has a group of the same name.
inline constexpr const char* kPrivdUser = "holdfast-privd";
inline constexpr const char* kVrrpdUser = "holdfast-vrrpd";
inline constexpr const char* kCheckdUser = "holdfast-checkd";

inline constexpr const char* kPasswdFile = "/etc/passwd";
inline constexpr const char* kGroupFile = "/etc/group";

struct LocalUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// nullopt: the file has no such user or group. An Error: the file cannot be read.
[[nodiscard]] Result<std::optional<LocalUser>> findUser(std::string_view name,
                                                        const char* file = kPasswdFile);
[[nodiscard]] Result<std::optional<gid_t>> findGroup(std::string_view name,
                                                     const char* file = kGroupFile);

// For people: the name, or the number where the files have none (systemd's dynamic users).
[[nodiscard]] std::string userName(uid_t uid, const char* file = kPasswdFile);
[[nodiscard]] std::string groupName(gid_t gid, const char* file = kGroupFile);

// A daemon's own user. Refuses uid 0 and gid 0; where it is missing the Error says how to create
// it.
[[nodiscard]] Result<LocalUser> daemonUser(const char* name, const char* file = kPasswdFile);

}  // namespace holdfast::policy
