#include "privd/broker/ipvs/codec.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>

#include <cstring>
#include <string>

namespace holdfast::privd::ipvs {
namespace {

constexpr std::uint32_t kAllFlags = ~0U;

void putText(MessageWriter& message, int type, const std::string& text) {
  message.put(type, text.c_str(), text.size() + 1);
}

void putPort(MessageWriter& message, int type, std::uint16_t port) {
  message.putValue(type, htons(port));
}

std::uint16_t numberOf(AddressFamily family) {
  return static_cast<std::uint16_t>(socketFamily(family));
}

// Always of the size of an IPv6 address.
void putAddress(MessageWriter& message, int type, const IpAddress& address) {
  message.put(type, address.bytes.data(), address.bytes.size());
}

void putKey(MessageWriter& message, const ServiceKey& key) {
  message.putValue(IPVS_SVC_ATTR_AF, numberOf(key.family));
  if (key.mark != 0) {
    message.putValue(IPVS_SVC_ATTR_FWMARK, key.mark);
    return;
  }
  message.putValue(IPVS_SVC_ATTR_PROTOCOL, key.protocol);
  putAddress(message, IPVS_SVC_ATTR_ADDR, key.address);
  putPort(message, IPVS_SVC_ATTR_PORT, key.port);
}

void putOptions(MessageWriter& message, const ServiceKey& key, const ServiceOptions& options) {
  putText(message, IPVS_SVC_ATTR_SCHED_NAME, options.scheduler);
  if (!options.engine.empty()) {
    putText(message, IPVS_SVC_ATTR_PE_NAME, options.engine);
  }
  message.putValue(IPVS_SVC_ATTR_FLAGS, ip_vs_flags{options.flags, kAllFlags});
  message.putValue(IPVS_SVC_ATTR_TIMEOUT, options.persistenceSeconds);
  message.putValue(IPVS_SVC_ATTR_NETMASK,
                   key.family == AddressFamily::kIpv4 ? htonl(options.netmask) : options.netmask);
}

void putKey(MessageWriter& message, const DestinationKey& key) {
  message.putValue(IPVS_DEST_ATTR_ADDR_FAMILY, numberOf(key.address.family));
  putAddress(message, IPVS_DEST_ATTR_ADDR, key.address);
  putPort(message, IPVS_DEST_ATTR_PORT, key.port);
}

void putOptions(MessageWriter& message, const DestinationOptions& options) {
  message.putValue(IPVS_DEST_ATTR_FWD_METHOD, options.method);
  message.putValue(IPVS_DEST_ATTR_WEIGHT, options.weight);
  message.putValue(IPVS_DEST_ATTR_U_THRESH, options.upperThreshold);
  message.putValue(IPVS_DEST_ATTR_L_THRESH, options.lowerThreshold);
  message.putValue(IPVS_DEST_ATTR_TUN_TYPE, options.tunnel);
  putPort(message, IPVS_DEST_ATTR_TUN_PORT, options.tunnelPort);
  message.putValue(IPVS_DEST_ATTR_TUN_FLAGS, options.tunnelFlags);
}

std::uint8_t commandOf(Operation::Kind kind) {
  switch (kind) {
    case Operation::Kind::kAddService:
      return IPVS_CMD_NEW_SERVICE;
    case Operation::Kind::kSetService:
      return IPVS_CMD_SET_SERVICE;
    case Operation::Kind::kRemoveService:
      return IPVS_CMD_DEL_SERVICE;
    case Operation::Kind::kAddDestination:
      return IPVS_CMD_NEW_DEST;
    case Operation::Kind::kSetDestination:
      return IPVS_CMD_SET_DEST;
    case Operation::Kind::kRemoveDestination:
      return IPVS_CMD_DEL_DEST;
  }
  return IPVS_CMD_UNSPEC;
}

bool hasServiceOptions(Operation::Kind kind) {
  return kind == Operation::Kind::kAddService || kind == Operation::Kind::kSetService;
}

bool isOfDestination(Operation::Kind kind) {
  return kind == Operation::Kind::kAddDestination || kind == Operation::Kind::kSetDestination ||
         kind == Operation::Kind::kRemoveDestination;
}

std::uint32_t stateOf(Role role) {
  return role == Role::kMaster ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP;
}

// What is 0 is the kernel's choice, and left out.
template <typename Value>
void putIfSet(MessageWriter& message, int type, Value value) {
  if (value != 0) {
    message.putValue(type, value);
  }
}

void putDaemon(MessageWriter& message, const SyncDaemon& daemon, Role role) {
  message.putValue(IPVS_DAEMON_ATTR_STATE, stateOf(role));
  putText(message, IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface);
  message.putValue(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncId);
  putIfSet(message, IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon.maxLength);
  // The kernel reads it in host order.
  putIfSet(message, IPVS_DAEMON_ATTR_MCAST_PORT, daemon.port);
  putIfSet(message, IPVS_DAEMON_ATTR_MCAST_TTL, daemon.ttl);
  if (daemon.group) {
    message.put(daemon.group->family == AddressFamily::kIpv4 ? IPVS_DAEMON_ATTR_MCAST_GROUP
                                                             : IPVS_DAEMON_ATTR_MCAST_GROUP6,
                *daemon.group);
  }
}

}  // namespace

void Batch::append(const MessageWriter& message) {
  last_ = bytes_.size();
  message.appendTo(bytes_, next_++);
}

void Batch::add(std::uint8_t command, int flags, const Body& body) {
  MessageWriter message(family_, flags);
  message.header(genlmsghdr{command, IPVS_GENL_VERSION, 0});
  body(message);
  append(message);
}

void Batch::change(const Operation& operation) {
  add(commandOf(operation.kind), 0, [&](MessageWriter& message) {
    message.nest(IPVS_CMD_ATTR_SERVICE, [&] {
      putKey(message, operation.service);
      if (hasServiceOptions(operation.kind)) {
        putOptions(message, operation.service, operation.serviceOptions);
      }
    });
    if (isOfDestination(operation.kind)) {
      message.nest(IPVS_CMD_ATTR_DEST, [&] {
        putKey(message, operation.destination);
        if (operation.kind != Operation::Kind::kRemoveDestination) {
          putOptions(message, operation.destinationOptions);
        }
      });
    }
  });
}

void Batch::getServices() {
  add(IPVS_CMD_GET_SERVICE, NLM_F_DUMP, [](MessageWriter&) {});
}

void Batch::getService(const ServiceKey& key) {
  add(IPVS_CMD_GET_SERVICE, NLM_F_ACK, [&](MessageWriter& message) {
    message.nest(IPVS_CMD_ATTR_SERVICE, [&] { putKey(message, key); });
  });
}

void Batch::getDestinations(const ServiceKey& service) {
  add(IPVS_CMD_GET_DEST, NLM_F_DUMP, [&](MessageWriter& message) {
    message.nest(IPVS_CMD_ATTR_SERVICE, [&] { putKey(message, service); });
  });
}

void Batch::flush() {
  add(IPVS_CMD_FLUSH, NLM_F_ACK, [](MessageWriter&) {});
}

void Batch::setTimeouts(const Timeouts& timeouts) {
  add(IPVS_CMD_SET_CONFIG, NLM_F_ACK, [&](MessageWriter& message) {
    putIfSet(message, IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcpSeconds);
    putIfSet(message, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcpFinSeconds);
    putIfSet(message, IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udpSeconds);
  });
}

void Batch::getDaemons() {
  add(IPVS_CMD_GET_DAEMON, NLM_F_DUMP, [](MessageWriter&) {});
}

void Batch::startDaemon(const SyncDaemon& daemon, Role role) {
  add(IPVS_CMD_NEW_DAEMON, NLM_F_ACK, [&](MessageWriter& message) {
    message.nest(IPVS_CMD_ATTR_DAEMON, [&] { putDaemon(message, daemon, role); });
  });
}

void Batch::stopDaemon(Role role) {
  add(IPVS_CMD_DEL_DAEMON, NLM_F_ACK, [&](MessageWriter& message) {
    message.nest(IPVS_CMD_ATTR_DAEMON,
                 [&] { message.putValue(IPVS_DAEMON_ATTR_STATE, stateOf(role)); });
  });
}

void Batch::getFamily() {
  MessageWriter message(GENL_ID_CTRL, NLM_F_ACK);
  message.header(genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
  putText(message, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
  append(message);
}

void Batch::acknowledgeLast() {
  if (bytes_.size() - last_ >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, bytes_.data() + last_, sizeof(header));
    header.nlmsg_flags |= NLM_F_ACK;
    std::memcpy(bytes_.data() + last_, &header, sizeof(header));
  }
}

}  // namespace holdfast::privd::ipvs
