#include "privd/broker/ipvs/objects.h"

#include <netinet/in.h>

namespace holdfast::privd::ipvs {

Statistics& Statistics::operator+=(const Statistics& other) {
  connections += other.connections;
  inPackets += other.inPackets;
  outPackets += other.outPackets;
  inBytes += other.inBytes;
  outBytes += other.outBytes;
  return *this;
}

std::string textOf(const ServiceKey& key) {
  if (key.mark != 0) {
    return "FWM " + std::to_string(key.mark) +
           (key.family == AddressFamily::kIpv6 ? " (IPv6)" : "");
  }
  const char* protocol = key.protocol == IPPROTO_TCP    ? "tcp"
                         : key.protocol == IPPROTO_UDP  ? "udp"
                         : key.protocol == IPPROTO_SCTP ? "sctp"
                                                        : "none";
  return "[" + key.address.toString() + "]:" + protocol + ":" + std::to_string(key.port);
}

std::string textOf(const DestinationKey& key) {
  return "[" + key.address.toString() + "]:" + std::to_string(key.port);
}

}  // namespace holdfast::privd::ipvs
