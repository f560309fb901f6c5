#include "watchd/connector_message.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>

namespace holdfast::watchd {
namespace {

// Headers, and of proc_event what is before the data of its kind.
constexpr std::size_t kWhatAt = sizeof(nlmsghdr) + sizeof(cn_msg);
constexpr std::size_t kDataAt = kWhatAt + offsetof(proc_event, event_data);

template <typename T>
std::optional<T> at(std::span<const std::byte> message, std::size_t offset) {
  if (message.size() < offset + sizeof(T)) {
    return std::nullopt;
  }
  T value;
  std::memcpy(&value, message.data() + offset, sizeof(T));
  return value;
}

bool isOfProcessConnector(std::span<const std::byte> message) {
  const auto header = at<nlmsghdr>(message, 0);
  const auto id = at<cb_id>(message, sizeof(nlmsghdr));
  return header && header->nlmsg_type == NLMSG_DONE && id && id->idx == CN_IDX_PROC &&
         id->val == CN_VAL_PROC;
}

}  // namespace

std::optional<ProcessEvent> parseConnectorMessage(std::span<const std::byte> message) {
  // Each has the number of the thread, and behind it that of its process.
  struct Ids {
    __kernel_pid_t thread;
    __kernel_pid_t process;
  };
  const auto what = at<std::uint32_t>(message, kWhatAt);
  if (!isOfProcessConnector(message) || !what) {
    return std::nullopt;
  }
  const bool isFork = *what == proc_event::PROC_EVENT_FORK;
  if (!isFork && *what != proc_event::PROC_EVENT_EXEC && *what != proc_event::PROC_EVENT_COMM) {
    return std::nullopt;
  }
  const std::size_t idsAt =
      isFork ? kWhatAt + offsetof(proc_event, event_data.fork.child_pid) : kDataAt;
  const auto ids = at<Ids>(message, idsAt);
  if (!ids || ids->thread != ids->process || ids->process <= 0) {
    return std::nullopt;
  }
  return ProcessEvent{ids->process, isFork};
}

}  // namespace holdfast::watchd
