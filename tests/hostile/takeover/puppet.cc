#include "tests/hostile/takeover/puppet.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace holdfast::takeover {
namespace {

template <typename T>
bool take(std::span<const std::byte>& from, T& value) {
  if (from.size() < sizeof(T)) {
    return false;
  }
  std::memcpy(&value, from.data(), sizeof(T));
  from = from.subspan(sizeof(T));
  return true;
}

}  // namespace

Status Puppet::dance() {
  std::vector<std::byte> order(kMemoryBytes);
  for (;;) {
    const ssize_t size = ::recv(strings_, order.data(), order.size(), 0);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size == 0 ? success() : Status(systemError("recv"));
    }
    const Status obeyed = obey(std::span(order).first(static_cast<std::size_t>(size)));
    if (!obeyed) {
      return obeyed;
    }
  }
}

Status Puppet::obey(std::span<const std::byte> order) {
  Call call;
  if (!take(order, call)) {
    return Error{"a call that is too short"};
  }
  std::vector<Relocation> relocations(call.relocations);
  for (Relocation& relocation : relocations) {
    if (!take(order, relocation) || relocation.at + sizeof(void*) > memory_.size() ||
        relocation.target > memory_.size()) {
      return Error{"a relocation that leads out of memory"};
    }
  }
  std::copy(order.begin(), order.end(), memory_.begin());
  for (const Relocation& relocation : relocations) {
    const std::byte* const address = memory_.data() + relocation.target;
    std::memcpy(memory_.data() + relocation.at, &address, sizeof(address));
  }
  const Answer answer = make(call);
  std::vector<std::byte> reply(sizeof(answer) + order.size());
  std::memcpy(reply.data(), &answer, sizeof(answer));
  std::copy_n(memory_.begin(), order.size(), reply.data() + sizeof(answer));
  if (::send(strings_, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) {
    return systemError("send");
  }
  return success();
}

Answer Puppet::make(const Call& call) {
  std::array<long, 6> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<long>(call.arguments[i]);
    if ((call.pointers >> i & 1U) != 0) {
      words[i] += reinterpret_cast<long>(memory_.data());
    }
  }
  Answer answer;
  for (std::uint32_t times = 0; call.repeat == 0 || times < call.repeat; ++times) {
    answer.result = ::syscall(static_cast<long>(call.number), words[0], words[1], words[2],
                              words[3], words[4], words[5]);
    answer.error = answer.result < 0 ? errno : 0;
    answer.failed += answer.result < 0 ? 1 : 0;
  }
  return answer;
}

}  // namespace holdfast::takeover
