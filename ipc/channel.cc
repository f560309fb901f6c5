#include "ipc/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace holdfast {
namespace {

SendOutcome outcomeOf(ssize_t sent) {
  if (sent >= 0) {
    return SendOutcome::kSent;
  }
  return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS ? SendOutcome::kFull
                                                                      : SendOutcome::kClosed;
}

// Takes ownership of every descriptor that came with the message, so that none can leak.
std::size_t adoptDescriptors(msghdr& header, UniqueFd& first) {
  std::size_t count = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t descriptors = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < descriptors; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      UniqueFd owned(fd);
      if (count++ == 0) {
        first = std::move(owned);
      }
    }
  }
  return count;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> Channel::createPair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return systemError("socketpair");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

SendOutcome Channel::sendBytes(std::span<const std::byte> bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return outcomeOf(sent);
}

SendOutcome Channel::sendBytesWithDescriptor(std::span<const std::byte> bytes, int borrowedFd) {
  // sendmsg(2) does not write through iov_base.
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &borrowedFd, sizeof(int));
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return outcomeOf(sent);
}

void Channel::receive(Received& into) {
  into.fd.reset();
  into.words = 0;
  iovec part{into.buffer.data(), sizeof(into.buffer)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    into.kind = errno == EAGAIN ? Received::Kind::kWouldBlock : Received::Kind::kEndOfFile;
    return;
  }
  const std::size_t descriptors = adoptDescriptors(header, into.fd);
  if (size == 0) {
    // No message of ours is empty, so this is the end of the stream.
    into.kind = Received::Kind::kEndOfFile;
    into.fd.reset();
    return;
  }
  const auto bytes = static_cast<std::size_t>(size);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || bytes % sizeof(capnp::word) != 0 ||
      descriptors > 1) {
    into.kind = Received::Kind::kMalformed;
    into.fd.reset();
    return;
  }
  into.kind = Received::Kind::kMessage;
  into.words = bytes / sizeof(capnp::word);
}

}  // namespace holdfast
