#include "privd/broker/netlink.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <iterator>
#include <utility>

#include "ipc/event_loop.h"
#include "privd/broker/netlink_socket.h"

namespace holdfast::privd {
namespace {

constexpr int kDatagramsInATurn = 64;
constexpr int kSnapshotAttempts = 5;
constexpr std::uint32_t kNewsBuffer = 1U << 20;

// The netlink address of the one daemon of a network namespace that objects with our mark belong
// to. No process id is as high, so the kernel gives it to nobody else.
constexpr std::uint32_t kOwnPort = 0x48'4f'4c'44;

Status bindTo(const UniqueFd& fd, std::uint32_t port) {
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_pid = port;
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&self), sizeof(self)) == 0
             ? success()
             : Status(systemError("bind of the netlink socket"));
}

std::span<std::byte> asBytes(std::vector<std::max_align_t>& buffer) {
  return std::as_writable_bytes(std::span(buffer));
}

}  // namespace

NetlinkRequests::NetlinkRequests(UniqueFd fd, bool alone)
    : fd_(std::move(fd)), alone_(alone), buffer_(kNetlinkBuffer / sizeof(std::max_align_t)) {}

Result<NetlinkRequests> NetlinkRequests::open() {
  Result<UniqueFd> fd = openNetlink(NETLINK_ROUTE);
  if (!fd) {
    return fd.error();
  }
  const bool alone = bindTo(*fd, kOwnPort).ok();
  if (Status bound = alone ? success() : bindTo(*fd, 0); !bound) {
    return bound.error();
  }
  // An error does not need to repeat the request that it answers.
  const int on = 1;
  if (::setsockopt(fd->get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) != 0) {
    return systemError("NETLINK_CAP_ACK");
  }
  return NetlinkRequests(std::move(fd).value(), alone);
}

Status NetlinkRequests::send(const NetlinkBatch& batch) {
  return sendNetlink(fd_.get(), batch.bytes());
}

Status NetlinkRequests::receive(std::uint32_t first, std::uint32_t last, const Found& found) {
  bool ended = false;
  while (!ended) {
    const NetlinkDatagram datagram = receiveNetlink(fd_.get(), asBytes(buffer_));
    if (datagram.error != 0) {
      return Error{"an answer of netlink is missing", datagram.error};
    }
    readNetlink(datagram.bytes, [&](const NetlinkMessage& message) {
      // What is left over from an earlier request that failed half-way is no concern of this one.
      if (message.sequence - first > last - first) {
        return;
      }
      found(message);
      const bool closing = message.kind == NetlinkMessage::Kind::kAnswer ||
                           message.kind == NetlinkMessage::Kind::kDone;
      ended = ended || (message.sequence == last && closing);
    });
  }
  return success();
}

std::size_t NetlinkRequests::changeBatch(Change change, std::span<const Placement> placements,
                                         std::span<int> results) {
  const std::uint32_t first = sequence_ + 1;
  const std::size_t most = std::min(batchSize(), placements.size());
  NetlinkBatch batch;
  std::size_t count = 0;
  for (; count < most && batch.bytes().size() < kMaxBatchBytes; ++count) {
    batch.change(change, placements[count], ++sequence_);
  }
  batch.acknowledgeLast();
  const TimePoint start = EventLoop::now();
  exchange(batch, first, results.first(count));
  noteSendTime(EventLoop::now() - start);
  return count;
}

void NetlinkRequests::exchange(const NetlinkBatch& batch, std::uint32_t first,
                               std::span<int> results) {
  Status status = send(batch);
  if (status) {
    status = receive(first, sequence_, [&](const NetlinkMessage& message) {
      const std::uint32_t index = message.sequence - first;
      if (message.kind == NetlinkMessage::Kind::kAnswer && index < results.size()) {
        results[index] = message.error;
      }
    });
  }
  if (!status) {
    // Whether those without an answer of their own were done is not known.
    std::replace(results.begin(), results.end(), 0, EIO);
  }
}

std::vector<int> NetlinkRequests::change(Change change, std::span<const Placement> placements) {
  std::vector<int> results(placements.size(), 0);
  for (std::size_t done = 0; done < placements.size();) {
    done += changeBatch(change, placements.subspan(done), std::span(results).subspan(done));
  }
  return results;
}

Status NetlinkRequests::dump(const NetlinkBatch& request, std::uint32_t sequence,
                             const Found& found) {
  if (Status sent = send(request); !sent) {
    return sent;
  }
  bool interrupted = false;
  int error = 0;
  Status received = receive(sequence, sequence, [&](const NetlinkMessage& message) {
    interrupted = interrupted || message.interrupted;
    error = error == 0 ? message.error : error;
    found(message);
  });
  if (!received) {
    return received;
  }
  if (error != 0) {
    return Error{"dump of links or addresses", error};
  }
  return interrupted ? Status(Error{"dump of links or addresses", EAGAIN}) : success();
}

Result<LinkSnapshot> NetlinkRequests::snapshotOnce() {
  LinkSnapshot snapshot;
  NetlinkBatch links;
  links.dumpLinks(++sequence_);
  Status status = dump(links, sequence_, [&](const NetlinkMessage& message) {
    if (message.kind == NetlinkMessage::Kind::kLink) {
      snapshot.links.push_back(message.link);
    }
  });
  if (!status) {
    return status.error();
  }
  NetlinkBatch addresses;
  addresses.dumpAddresses(++sequence_);
  status = dump(addresses, sequence_, [&](const NetlinkMessage& message) {
    if (message.kind == NetlinkMessage::Kind::kAddress) {
      snapshot.addresses.push_back(message.address);
    }
  });
  if (!status) {
    return status.error();
  }
  return snapshot;
}

Result<LinkSnapshot> NetlinkRequests::snapshot() {
  Result<LinkSnapshot> result = snapshotOnce();
  for (int i = 1; i < kSnapshotAttempts && !result && result.error().code == EAGAIN; ++i) {
    result = snapshotOnce();
  }
  return result;
}

Status NetlinkRequests::collectMarked(const NetlinkBatch& request,
                                      std::vector<std::vector<std::byte>>& marked) {
  return dump(request, sequence_, [&](const NetlinkMessage& message) {
    if (message.marked) {
      marked.emplace_back(message.whole.begin(), message.whole.end());
    }
  });
}

Status NetlinkRequests::findMarked(std::vector<std::vector<std::byte>>& marked) {
  Status status = success();
  for (const AddressFamily family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    NetlinkBatch rules;
    rules.dumpRules(family, ++sequence_);
    status = status ? collectMarked(rules, marked) : status;
    NetlinkBatch routes;
    routes.dumpRoutes(family, ++sequence_);
    status = status ? collectMarked(routes, marked) : status;
  }
  NetlinkBatch addresses;
  addresses.dumpAddresses(++sequence_);
  return status ? collectMarked(addresses, marked) : status;
}

void NetlinkRequests::filterDumps(bool filter) {
  const int on = filter ? 1 : 0;
  // An old kernel shows everything.
  static_cast<void>(::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)));
}

Result<std::size_t> NetlinkRequests::removeMarked() {
  std::vector<std::vector<std::byte>> marked;
  if (!alone_) {
    return marked.size();
  }
  filterDumps(true);
  Status status = findMarked(marked);
  filterDumps(false);
  for (std::size_t done = 0; done < marked.size();) {
    const std::uint32_t first = sequence_ + 1;
    NetlinkBatch batch;
    std::vector<int> results;
    for (; results.size() < kMaxBatch && done < marked.size(); ++done) {
      batch.removeShown(marked[done], ++sequence_);
      results.push_back(0);
    }
    batch.acknowledgeLast();
    exchange(batch, first, results);
  }
  const Result<std::size_t> links = removeMarkedLinks();
  status = status && !links ? Status(links.error()) : status;
  return status ? Result<std::size_t>(marked.size() + *links) : Result<std::size_t>(status.error());
}

Result<NetlinkMessage> NetlinkRequests::getLink(int index) {
  NetlinkBatch request;
  request.getLink(index, ++sequence_);
  return oneLink(request);
}

Result<NetlinkMessage> NetlinkRequests::oneLink(const NetlinkBatch& request) {
  if (Status sent = send(request); !sent) {
    return sent.error();
  }
  Result<NetlinkMessage> result = Error{"a link", ENODEV};
  Status received = receive(sequence_, sequence_, [&](const NetlinkMessage& message) {
    if (message.kind == NetlinkMessage::Kind::kLink) {
      result = message;
    } else if (message.error != 0) {
      result = Error{"a link", message.error};
    }
  });
  return received ? result : Result<NetlinkMessage>(received.error());
}

Status NetlinkRequests::set(int index, const SettingValues& values) {
  NetlinkBatch request;
  request.set(index, values, ++sequence_);
  return perform(request, "a setting");
}

Status NetlinkRequests::perform(const NetlinkBatch& request, const char* what) {
  if (Status sent = send(request); !sent) {
    return sent;
  }
  int error = 0;
  Status received =
      receive(sequence_, sequence_, [&](const NetlinkMessage& message) { error = message.error; });
  if (!received) {
    return received;
  }
  return error == 0 ? success() : Status(Error{what, error});
}

NetlinkNews::NetlinkNews(UniqueFd fd)
    : fd_(std::move(fd)), buffer_(kNetlinkBuffer / sizeof(std::max_align_t)) {}

Result<NetlinkNews> NetlinkNews::open() {
  Result<UniqueFd> fd = openNetlink(NETLINK_ROUTE);
  if (!fd) {
    return fd.error();
  }
  if (Status bound = bindTo(*fd, 0); !bound) {
    return bound.error();
  }
  for (const int group : {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}) {
    if (::setsockopt(fd->get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) != 0) {
      return systemError("NETLINK_ADD_MEMBERSHIP");
    }
  }
  // A larger buffer makes overruns rarer; without it they are only handled more often.
  static_cast<void>(setReceiveBuffer(fd->get(), {kNewsBuffer, true}));
  return NetlinkNews(std::move(fd).value());
}

Status NetlinkNews::enlarge(const ReceiveBuffer& buffer) {
  return buffer.bytes > kNewsBuffer ? setReceiveBuffer(fd_.get(), buffer) : success();
}

Status NetlinkNews::hearRouting() {
  // A router learns many routes: those are not even delivered. The fields are in host order, what
  // the filter loads is in network order.
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(nlmsghdr, nlmsg_type)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 0, 2),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(nlmsghdr, nlmsg_flags)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_REPLACE), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, ~0U),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  if (::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0) {
    return systemError("the filter of netlink's news");
  }
  for (const int group :
       {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}) {
    if (::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) != 0) {
      return systemError("NETLINK_ADD_MEMBERSHIP");
    }
  }
  return success();
}

NetlinkNews::Outcome NetlinkNews::read(const std::function<void(const NetlinkMessage&)>& found) {
  for (int i = 0; i < kDatagramsInATurn; ++i) {
    const NetlinkDatagram datagram = receiveNetlink(fd_.get(), asBytes(buffer_));
    if (datagram.error == EAGAIN) {
      return Outcome::kDrained;
    }
    if (datagram.error != 0) {
      return Outcome::kOverrun;
    }
    readNetlink(datagram.bytes, found);
  }
  return Outcome::kMore;
}

}  // namespace holdfast::privd
