#include "checkd/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast::checkd {
namespace {

struct Type {
  int type;
  int protocolIpv4;
  int protocolIpv6;
};

Type typeOf(SocketKind kind) {
  switch (kind) {
    case SocketKind::kTcp:
      return {SOCK_STREAM, IPPROTO_TCP, IPPROTO_TCP};
    case SocketKind::kUdp:
      return {SOCK_DGRAM, IPPROTO_UDP, IPPROTO_UDP};
    case SocketKind::kPing:
      return {SOCK_DGRAM, IPPROTO_ICMP, IPPROTO_ICMPV6};
  }
  return {};
}

Status bindTo(int fd, const Connection& to) {
  if (!to.interface.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, to.interface.data(),
                                            static_cast<socklen_t>(to.interface.size())) != 0) {
    return systemError("cannot bind to interface " + to.interface);
  }
  if (!to.source && to.sourcePort == 0) {
    return success();
  }
  constexpr int kOn = 1;
  if (to.sourcePort != 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn) != 0) {
    return systemError("SO_REUSEADDR");
  }
  const IpAddress source = to.source.value_or(IpAddress{.family = to.address.family});
  int bound = 0;
  if (source.family == AddressFamily::kIpv4) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr = source.toIpv4();
    name.sin_port = htons(to.sourcePort);
    bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  } else {
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = source.toIpv6();
    name.sin6_port = htons(to.sourcePort);
    bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }
  return bound == 0 ? success() : systemError("cannot bind to " + source.toString());
}

Result<UniqueFd> make(SocketKind kind, const Connection& to) {
  const Type type = typeOf(kind);
  const bool isIpv4 = to.address.family == AddressFamily::kIpv4;
  UniqueFd fd(::socket(socketFamily(to.address.family), type.type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       isIpv4 ? type.protocolIpv4 : type.protocolIpv6));
  if (!fd) {
    return systemError("cannot make a socket");
  }
  if (Status bound = bindTo(fd.get(), to); !bound) {
    return bound.error();
  }
  return fd;
}

}  // namespace

class Sockets::Waiting final : public SocketSource::Pending {
 public:
  Waiting(Sockets& sockets, std::uint32_t index, Opened opened)
      : sockets_(&sockets), index_(index), opened_(std::move(opened)) {}
  ~Waiting() override {
    if (sockets_ != nullptr) {
      std::ranges::replace(sockets_->waiting_[index_], this, nullptr);
    }
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  // Is destroyed by this, if its owner likes.
  void answer(Result<UniqueFd> socket) {
    sockets_ = nullptr;
    const Opened opened = std::move(opened_);
    opened(std::move(socket));
  }
  void forget() { sockets_ = nullptr; }

 private:
  Sockets* sockets_;
  std::uint32_t index_;
  Opened opened_;
};

Sockets::Sockets(std::function<bool(std::uint32_t index)> ask) : ask_(std::move(ask)) {}

Sockets::~Sockets() {
  for (const auto& [index, queue] : waiting_) {
    for (Waiting* const one : queue) {
      if (one != nullptr) {
        one->forget();
      }
    }
  }
}

std::unique_ptr<SocketSource::Pending> Sockets::open(SocketKind kind, const Connection& to,
                                                     Opened opened) {
  if (!to.socket) {
    opened(make(kind, to));
    return nullptr;
  }
  if (!ask_(*to.socket)) {
    opened(Error{"privd, which has to make its socket, is not there", kNobody});
    return nullptr;
  }
  auto waiting = std::make_unique<Waiting>(*this, *to.socket, std::move(opened));
  waiting_[*to.socket].push_back(waiting.get());
  return waiting;
}

void Sockets::answered(std::uint32_t index, Result<UniqueFd> socket) {
  auto& queue = waiting_[index];
  if (queue.empty()) {
    return;
  }
  Waiting* const first = queue.front();
  queue.pop_front();
  if (first != nullptr) {
    first->answer(std::move(socket));
  }
}

void Sockets::lost() {
  // One that is answered may destroy others, which then are looked for where they wait.
  while (!waiting_.empty()) {
    auto& queue = waiting_.begin()->second;
    if (queue.empty()) {
      waiting_.erase(waiting_.begin());
      continue;
    }
    Waiting* const first = queue.front();
    queue.pop_front();
    if (first != nullptr) {
      first->answer(Error{"privd, which makes its socket, is gone", kNobody});
    }
  }
}

}  // namespace holdfast::checkd
