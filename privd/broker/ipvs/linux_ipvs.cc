#include "privd/broker/ipvs/linux_ipvs.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ipc/event_loop.h"
#include "privd/broker/ipvs/codec.h"
#include "privd/broker/ipvs/replies.h"
#include "privd/broker/netlink.h"
#include "privd/broker/netlink_socket.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr int kListAttempts = 5;

void ignore(Reply&) {}

}  // namespace

LinuxIpvs::LinuxIpvs(UniqueFd fd)
    : fd_(std::move(fd)), buffer_(kNetlinkBuffer / sizeof(std::max_align_t)) {}

Result<LinuxIpvs> LinuxIpvs::open() {
  Result<UniqueFd> fd = openNetlink(NETLINK_GENERIC);
  return fd ? open(std::move(fd).value()) : Result<LinuxIpvs>(fd.error());
}

Result<LinuxIpvs> LinuxIpvs::open(UniqueFd fd) {
  // An error does not need to repeat the request that it answers.
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) != 0) {
    return systemError("NETLINK_CAP_ACK");
  }
  LinuxIpvs ipvs(std::move(fd));
  if (Status learnt = ipvs.learnFamily(); !learnt) {
    return learnt.error();
  }
  return ipvs;
}

Status LinuxIpvs::learnFamily() {
  Batch request = batch();
  request.getFamily();
  std::uint16_t number = 0;
  Status asked = ask(request, "IPVS", [&](Reply& reply) {
    if (const auto* family = std::get_if<FamilyNumber>(&reply.what)) {
      number = family->number;
    }
  });
  if (!asked) {
    return asked;
  }
  family_ = number;
  return number != 0 ? success() : Status(Error{"IPVS: the kernel has none", ENOENT});
}

Batch LinuxIpvs::batch() {
  first_ = sequence_ + 1;
  return Batch(family_, first_);
}

Status LinuxIpvs::exchange(const Batch& batch, const Found& found) {
  const std::uint32_t first = first_;
  const std::uint32_t last = sequence_ = batch.lastSequence();
  if (Status sent = sendNetlink(fd_.get(), batch.bytes()); !sent) {
    return sent;
  }
  bool ended = false;
  while (!ended) {
    const NetlinkDatagram datagram =
        receiveNetlink(fd_.get(), std::as_writable_bytes(std::span(buffer_)));
    if (datagram.error != 0) {
      return Error{"an answer of IPVS is missing", datagram.error};
    }
    readReplies(datagram.bytes, family_, listed_, [&](Reply& reply) {
      // What is left over from an earlier request that failed half-way is no concern of this one.
      if (reply.sequence - first > last - first) {
        return;
      }
      ended = ended || (reply.sequence == last && reply.isLast());
      found(reply);
    });
  }
  return success();
}

Status LinuxIpvs::ask(const Batch& batch, const char* what, const Found& found) {
  int error = 0;
  Status status = exchange(batch, [&](Reply& reply) {
    if (const auto* answer = std::get_if<Answer>(&reply.what); answer != nullptr && error == 0) {
      error = answer->error;
    } else if (const auto* end = std::get_if<EndOfDump>(&reply.what);
               end != nullptr && error == 0) {
      error = end->error;
    } else if (reply.interrupted && error == 0) {
      error = EAGAIN;
    }
    found(reply);
  });
  if (!status || error == 0) {
    return status;
  }
  return Error{std::string(what) + ": " + std::strerror(error), error};
}

template <typename Object>
Result<std::vector<Object>> LinuxIpvs::list(const Batch& batch, const char* what) {
  std::vector<Object> objects;
  const Status asked = ask(batch, what, [&](Reply& reply) {
    if (auto* object = std::get_if<Object>(&reply.what)) {
      objects.push_back(std::move(*object));
    }
  });
  return asked ? Result<std::vector<Object>>(std::move(objects)) : asked.error();
}

std::vector<int> LinuxIpvs::change(std::span<const Operation> operations) {
  std::vector<int> results(operations.size(), 0);
  for (std::size_t done = 0; done < operations.size();) {
    const std::size_t count = std::min(pace_.size(), operations.size() - done);
    Batch request = batch();
    for (const Operation& operation : operations.subspan(done, count)) {
      request.change(operation);
    }
    request.acknowledgeLast();
    const std::span<int> some = std::span(results).subspan(done, count);
    const TimePoint start = EventLoop::now();
    const Status status = exchange(request, [&](Reply& reply) {
      if (const auto* answer = std::get_if<Answer>(&reply.what)) {
        some[reply.sequence - first_] = answer->error;
      }
    });
    pace_.note(EventLoop::now() - start);
    if (!status) {
      // Whether those without an answer of their own were done is not known.
      std::ranges::replace(some, 0, EIO);
    }
    done += count;
  }
  return results;
}

Result<std::vector<Service>> LinuxIpvs::services() {
  Result<std::vector<Service>> found = Error{"list of services", EAGAIN};
  for (int i = 0; i < kListAttempts && !found && found.error().code == EAGAIN; ++i) {
    Batch request = batch();
    request.getServices();
    found = list<Service>(request, "list of services");
  }
  return found;
}

Result<Service> LinuxIpvs::service(const ServiceKey& key) {
  Batch request = batch();
  request.getService(key);
  Result<std::vector<Service>> found = list<Service>(request, "service");
  if (!found) {
    return found.error();
  }
  return found->size() == 1 ? Result<Service>(found->front())
                            : Result<Service>(Error{"service: no answer", EPROTO});
}

Result<std::vector<Destination>> LinuxIpvs::destinations(const ServiceKey& key) {
  listed_ = key.family;
  Result<std::vector<Destination>> found = Error{"list of destinations", EAGAIN};
  for (int i = 0; i < kListAttempts && !found && found.error().code == EAGAIN; ++i) {
    Batch request = batch();
    request.getDestinations(key);
    found = list<Destination>(request, "list of destinations");
  }
  return found;
}

Status LinuxIpvs::flush() {
  Batch request = batch();
  request.flush();
  return ask(request, "flush", ignore);
}

Status LinuxIpvs::setTimeouts(const Timeouts& timeouts) {
  Batch request = batch();
  request.setTimeouts(timeouts);
  return ask(request, "timeouts", ignore);
}

Result<std::vector<RunningDaemon>> LinuxIpvs::daemons() {
  Batch request = batch();
  request.getDaemons();
  return list<RunningDaemon>(request, "sync daemons");
}

Status LinuxIpvs::startDaemon(const SyncDaemon& daemon, Role role) {
  Batch request = batch();
  request.startDaemon(daemon, role);
  return ask(request, "sync daemon", ignore);
}

Status LinuxIpvs::stopDaemon(Role role) {
  Batch request = batch();
  request.stopDaemon(role);
  return ask(request, "sync daemon", ignore);
}

}  // namespace holdfast::privd::ipvs
