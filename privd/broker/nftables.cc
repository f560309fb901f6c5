#include "privd/broker/nftables.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "privd/broker/netlink.h"
#include "privd/broker/netlink_socket.h"
#include "privd/broker/nft_transaction.h"

namespace holdfast::privd {
namespace {

// A transaction is one datagram, and each of its messages is answered.
constexpr int kBuffer = 8 << 20;

template <typename Set>
Set without(const Set& one, const Set& other) {
  Set left;
  std::ranges::set_difference(one, other, std::inserter(left, left.end()));
  return left;
}

Barrier without(const Barrier& one, const Barrier& other) {
  return {without(one.addresses, other.addresses), without(one.linkLocal, other.linkLocal),
          without(one.links, other.links)};
}

}  // namespace

Nftables::Nftables(UniqueFd fd)
    : fd_(std::move(fd)), buffer_(kNetlinkBuffer / sizeof(std::max_align_t)) {}

Result<Nftables> Nftables::open() {
  Result<UniqueFd> fd = openNetlink(NETLINK_NETFILTER);
  if (!fd) {
    return fd.error();
  }
  for (const int direction : {SO_SNDBUFFORCE, SO_RCVBUFFORCE}) {
    if (::setsockopt(fd->get(), SOL_SOCKET, direction, &kBuffer, sizeof(kBuffer)) != 0) {
      return systemError("buffer of the nftables socket");
    }
  }
  return Nftables(std::move(fd).value());
}

Status Nftables::set(const FirewallTable& table, const Barrier* before, const Barrier& after) {
  NftTransaction transaction(table, ++sequence_);
  if (before == nullptr) {
    transaction.removeTables();
    tables_.clear();
  }
  std::set<AddressFamily> tables = tables_;
  for (const AddressFamily family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    if (after.has(family) && tables.insert(family).second) {
      transaction.addTable(family);
    }
  }
  const Barrier none;
  const Barrier& there = before == nullptr ? none : *before;
  transaction.change(Change::kRemove, without(there, after));
  transaction.change(Change::kAdd, without(after, there));
  Status status = commit(transaction);
  if (status) {
    tables_ = std::move(tables);
  }
  return status;
}

Status Nftables::set(NftTransaction& transaction, std::set<AddressFamily> families) {
  tables_.clear();
  Status status = commit(transaction);
  if (status) {
    tables_ = std::move(families);
  }
  return status;
}

Status Nftables::remove(const FirewallTable& table) {
  NftTransaction transaction(table, ++sequence_);
  transaction.removeTables();
  tables_.clear();
  return commit(transaction);
}

bool Nftables::isThere(const FirewallTable& table) {
  return std::ranges::all_of(tables_, [&](AddressFamily family) {
    const std::uint32_t sequence = ++sequence_;
    const Status status = ask(nftTableQuestion(table, family, sequence), sequence, sequence);
    return status || status.error().code != ENOENT;
  });
}

Status Nftables::commit(NftTransaction& transaction) {
  const std::uint32_t first = sequence_;
  const std::span<const std::byte> bytes = transaction.finish();
  sequence_ = transaction.lastSequence() + 1;
  return ask(bytes, first, transaction.lastSequence());
}

Status Nftables::ask(std::span<const std::byte> bytes, std::uint32_t first, std::uint32_t last) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel)) < 0) {
    return systemError("send to nftables");
  }
  return readAnswers(first, last);
}

// All of them are there when send has returned.
Status Nftables::readAnswers(std::uint32_t first, std::uint32_t last) {
  int error = 0;
  bool isComplete = false;
  for (;;) {
    const NetlinkDatagram datagram =
        receiveNetlink(fd_.get(), std::as_writable_bytes(std::span(buffer_)));
    if (datagram.error == EAGAIN) {
      break;
    }
    if (datagram.error != 0) {
      return Error{"an answer is missing", datagram.error};
    }
    readNetlink(datagram.bytes, [&](const NetlinkMessage& message) {
      if (message.kind == NetlinkMessage::Kind::kAnswer &&
          message.sequence - first <= last - first) {
        error = error == 0 ? message.error : error;
        isComplete = isComplete || message.sequence == last;
      }
    });
  }
  if (error != 0) {
    return Error{std::strerror(error), error};
  }
  return isComplete ? success() : Status(Error{"an answer is missing", EIO});
}

}  // namespace holdfast::privd
