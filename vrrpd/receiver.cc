#include "vrrpd/receiver.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace holdfast::vrrpd {

Receiver::~Receiver() {
  if (socket_) {
    loop_.removeReader(socket_.get());
  }
}

void Receiver::join(InstanceId instance, std::uint8_t virtualRouterId, Handlers handlers) {
  const auto joined = members_.emplace(instance, Member{std::move(handlers)}).first;
  byRouter_[virtualRouterId] = &joined->second;
}

void Receiver::open(InstanceId member) {
  if (!isOpen(member)) {
    reopen(member);
  }
}

void Receiver::reopen(InstanceId member) {
  members_.at(member).awaits = true;
  if (!isAsked_ && broker_.isAttached()) {
    isAsked_ = true;
    broker_.openReceiveSocket(members_.begin()->first);
  }
}

Status Receiver::adopt(UniqueFd fd) {
  if (!fd) {
    return Error{"none came"};
  }
  if (Status status =
          loop_.addReader(fd.get(), Turn::kAdverts, [this] { read(kDatagramsInATurn); });
      !status) {
    return status;
  }
  if (socket_) {
    readAll();
    loop_.removeReader(socket_.get());
  }
  socket_ = std::move(fd);
  return success();
}

void Receiver::answer(std::uint32_t result, UniqueFd fd) {
  isAsked_ = false;
  std::string refusal;
  if (result != 0) {
    refusal = std::strerror(static_cast<int>(result));
  } else if (Status status = adopt(std::move(fd)); !status) {
    refusal = status.error().message;
    result = EBADF;
  }
  for (auto& [instance, member] : members_) {
    if (member.awaits) {
      member.awaits = result != 0;
      member.handlers.answered(result, refusal);
    }
  }
}

void Receiver::read(std::size_t most) {
  DatagramBuffer buffer;
  for (; most != 0 && socket_; --most) {
    const std::optional<ReceivedDatagram> datagram = takeDatagram(socket_.get(), family_, buffer);
    if (!datagram) {
      return;
    }
    const Member* const member =
        datagram->virtualRouterId ? byRouter_[*datagram->virtualRouterId] : nullptr;
    if (member == nullptr) {
      continue;
    }
    if (datagram->envelope) {
      member->handlers.datagram(*datagram->envelope);
    } else {
      member->handlers.unopened(datagram->bytes);
    }
  }
}

}  // namespace holdfast::vrrpd
