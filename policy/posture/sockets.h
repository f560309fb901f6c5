// Which kinds of socket a process has open.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "policy/posture/process.h"

namespace holdfast::policy {

// By inode: "unix", "packet", "netlink route", "netlink netfilter", "netlink 16", "raw vrrp", "raw
// 1", "tcp", "udp".
using SocketKinds = std::map<std::string, std::string>;

// One file of /proc/PID/net. `file` says how it is to be read: "unix", "packet", "netlink", "raw",
// "raw6", "tcp", ...
void readSocketKinds(std::string_view file, std::string_view text, SocketKinds& into);

// A socket that none of these files knows (made in another network namespace) counts as "unknown".
[[nodiscard]] SocketCounts countSockets(pid_t pid);

}  // namespace holdfast::policy
