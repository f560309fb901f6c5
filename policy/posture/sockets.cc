#include "policy/posture/sockets.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <vector>

namespace holdfast::policy {
namespace {

constexpr int kProtocolVrrp = 112;

enum class Detail { kNone, kNetlinkProtocol, kRawProtocol };

// Where a file of /proc/PID/net has the inode, and what else it tells.
struct Format {
  std::string_view file;
  std::string_view kind;
  std::size_t inodeColumn;
  Detail detail = Detail::kNone;
};

constexpr Format kFormats[] = {
    {"unix", "unix", 6},
    {"packet", "packet", 8},
    {"netlink", "netlink", 9, Detail::kNetlinkProtocol},
    {"raw", "raw", 9, Detail::kRawProtocol},
    {"raw6", "raw", 9, Detail::kRawProtocol},
    {"tcp", "tcp", 9},
    {"tcp6", "tcp", 9},
    {"udp", "udp", 9},
    {"udp6", "udp", 9},
    {"udplite", "udp", 9},
    {"udplite6", "udp", 9},
    {"icmp", "icmp", 9},
    {"icmp6", "icmp", 9},
};

std::vector<std::string> columnsOf(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> columns;
  for (std::string column; in >> column;) {
    columns.push_back(column);
  }
  return columns;
}

struct ProtocolName {
  int protocol;
  std::string_view name;
};
constexpr ProtocolName kNetlinkNames[] = {{NETLINK_ROUTE, "route"},
                                          {NETLINK_CONNECTOR, "connector"},
                                          {NETLINK_NETFILTER, "netfilter"},
                                          {NETLINK_GENERIC, "generic"}};
constexpr ProtocolName kRawNames[] = {{kProtocolVrrp, "vrrp"}, {IPPROTO_AH, "ah"}};

std::string nameIn(std::span<const ProtocolName> names, int protocol) {
  for (const ProtocolName& known : names) {
    if (known.protocol == protocol) {
      return std::string(known.name);
    }
  }
  return std::to_string(protocol);
}

std::string nameOfNetlink(const std::string& text) {
  int protocol = -1;
  std::from_chars(text.data(), text.data() + text.size(), protocol);
  return nameIn(kNetlinkNames, protocol);
}

// "0000000000000000:0070": a raw socket's port is its protocol.
std::string rawProtocol(const std::string& local) {
  int protocol = 0;
  const auto colon = local.find(':');
  if (colon != std::string::npos) {
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), protocol, 16);
  }
  return nameIn(kRawNames, protocol);
}

std::string kindOf(const Format& format, const std::vector<std::string>& columns) {
  const std::string kind(format.kind);
  switch (format.detail) {
    case Detail::kNone:
      return kind;
    case Detail::kNetlinkProtocol:
      return kind + " " + nameOfNetlink(columns[1]);
    case Detail::kRawProtocol:
      return kind + " " + rawProtocol(columns[1]);
  }
  return kind;
}

// "socket:[12345]" gives 12345, and anything else nothing.
std::string socketInode(const std::filesystem::path& link) {
  char target[64];
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  const std::string_view text(target, length > 0 ? static_cast<std::size_t>(length) : 0);
  constexpr std::string_view kPrefix = "socket:[";
  if (!text.starts_with(kPrefix) || !text.ends_with(']')) {
    return {};
  }
  return std::string(text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1));
}

}  // namespace

void readSocketKinds(std::string_view file, std::string_view text, SocketKinds& into) {
  for (const Format& format : kFormats) {
    if (format.file != file) {
      continue;
    }
    std::istringstream lines{std::string(text)};
    std::string line;
    std::getline(lines, line);  // the headings
    while (std::getline(lines, line)) {
      const auto columns = columnsOf(line);
      if (columns.size() > format.inodeColumn) {
        into[columns[format.inodeColumn]] = kindOf(format, columns);
      }
    }
  }
}

SocketCounts countSockets(pid_t pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  SocketKinds kinds;
  for (const Format& format : kFormats) {
    std::ifstream file(directory + "/net/" + std::string(format.file));
    std::ostringstream text;
    text << file.rdbuf();
    readSocketKinds(format.file, text.str(), kinds);
  }
  SocketCounts counts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/fd", error)) {
    if (const std::string inode = socketInode(entry.path()); !inode.empty()) {
      const auto found = kinds.find(inode);
      ++counts[found != kinds.end() ? found->second : "unknown"];
    }
  }
  return counts;
}

}  // namespace holdfast::policy
