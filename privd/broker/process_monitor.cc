#include "privd/broker/process_monitor.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace holdfast::privd {
namespace {

constexpr std::uint32_t kEverything = 0xffffffff;
constexpr std::uint32_t kWhatAt = sizeof(nlmsghdr) + sizeof(cn_msg);
constexpr std::uint32_t kDataAt = kWhatAt + offsetof(proc_event, event_data);
constexpr std::uint32_t kIdxAt = sizeof(nlmsghdr) + offsetof(cn_msg, id.idx);
constexpr std::uint32_t kChildAt = kWhatAt + offsetof(proc_event, event_data.fork.child_pid);
constexpr std::uint32_t kIdBytes = sizeof(__kernel_pid_t);

// The kernel's filter machine reads in network order.
constexpr std::uint32_t asRead(std::uint32_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

// Births, programs and names of processes, not of threads: there the number of the thread, which is
// first, is that of its process, which is behind it.
constexpr std::array kWanted{
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kIdxAt),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asRead(CN_IDX_PROC), 0, 14),
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWhatAt),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asRead(proc_event::PROC_EVENT_FORK), 6, 0),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asRead(proc_event::PROC_EVENT_EXEC), 1, 0),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asRead(proc_event::PROC_EVENT_COMM), 0, 10),
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kDataAt),
    sock_filter BPF_STMT(BPF_MISC | BPF_TAX, 0),
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kDataAt + kIdBytes),
    sock_filter BPF_STMT(BPF_JMP | BPF_JA, 3),
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kChildAt),
    sock_filter BPF_STMT(BPF_MISC | BPF_TAX, 0),
    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kChildAt + kIdBytes),
    sock_filter BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
    sock_filter BPF_STMT(BPF_RET | BPF_K, kEverything),
    sock_filter BPF_STMT(BPF_RET | BPF_K, 0),
};

Status lockFilter(int fd) {
  const sock_fprog program{kWanted.size(), const_cast<sock_filter*>(kWanted.data())};
  constexpr int kOn = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0 ||
      ::setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &kOn, sizeof(kOn)) != 0) {
    return systemError("filter of the process connector");
  }
  return success();
}

Status ask(int fd) {
  constexpr std::uint32_t kOperation = PROC_CN_MCAST_LISTEN;
  std::array<std::byte, kWhatAt + sizeof(kOperation)> request{};
  nlmsghdr header{};
  header.nlmsg_len = request.size();
  header.nlmsg_type = NLMSG_DONE;
  cn_msg connector{};
  connector.id = {CN_IDX_PROC, CN_VAL_PROC};
  connector.len = sizeof(kOperation);
  std::memcpy(request.data(), &header, sizeof(header));
  std::memcpy(request.data() + sizeof(header), &connector, sizeof(connector));
  std::memcpy(request.data() + kWhatAt, &kOperation, sizeof(kOperation));
  return ::send(fd, request.data(), request.size(), 0) < 0
             ? Status(systemError("process connector"))
             : success();
}

// The kernel has answered while it was asked; it says nothing outside of its first pid namespace.
Status awaitAnswer(int fd) {
  std::array<std::byte, 1024> message;
  for (;;) {
    const ssize_t size = ::recv(fd, message.data(), message.size(), MSG_DONTWAIT);
    if (size < 0) {
      return Error{"process connector: not for this pid namespace", EOPNOTSUPP};
    }
    std::uint32_t what = 0;
    std::uint32_t error = 0;
    if (static_cast<std::size_t>(size) < kDataAt + sizeof(error)) {
      continue;
    }
    std::memcpy(&what, message.data() + kWhatAt, sizeof(what));
    std::memcpy(&error, message.data() + kDataAt, sizeof(error));
    if (what == proc_event::PROC_EVENT_NONE) {
      return error == 0 ? success() : Status(Error{"process connector", static_cast<int>(error)});
    }
  }
}

// With a destination that is no kernel's it has no way to ask for anything more.
Status closeWayToKernel(int fd) {
  sockaddr_nl somebody{};
  somebody.nl_family = AF_NETLINK;
  somebody.nl_pid = static_cast<std::uint32_t>(::getpid());
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&somebody), sizeof(somebody)) != 0) {
    return systemError("process connector: connect");
  }
  return success();
}

Status joinGroup(int fd) {
  sockaddr_nl group{};
  group.nl_family = AF_NETLINK;
  group.nl_groups = CN_IDX_PROC;
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&group), sizeof(group)) == 0
             ? success()
             : Status(systemError("process connector: bind"));
}

}  // namespace

Result<UniqueFd> openProcessMonitor(const ReceiveBuffer& buffer) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
  if (!fd) {
    return systemError("process connector");
  }
  Status done = setReceiveBuffer(fd.get(), buffer);
  for (const auto step : {joinGroup, ask, awaitAnswer, lockFilter, closeWayToKernel}) {
    done = done ? step(fd.get()) : done;
  }
  if (!done) {
    return done.error();
  }
  return fd;
}

}  // namespace holdfast::privd
