// Configurations of the load balancer for tests.
#pragma once

#include <linux/ip_vs.h>
#include <netinet/in.h>

#include <string>

#include "privd/broker/ipvs/configuration.h"

namespace holdfast::privd::ipvs {

inline ServiceKey tcp(const char* address, std::uint16_t port) {
  const IpAddress parsed = *IpAddress::parse(address);
  return {.family = parsed.family, .protocol = IPPROTO_TCP, .address = parsed, .port = port};
}

inline ServiceKey marked(std::uint32_t mark) {
  return {.family = AddressFamily::kIpv4, .mark = mark};
}

inline DestinationKey at(const char* address, std::uint16_t port) {
  return {*IpAddress::parse(address), port};
}

inline ConfiguredDestination destination(const char* address, std::uint16_t port,
                                         std::uint32_t weight = 1) {
  return {at(address, port), {.method = IP_VS_CONN_F_MASQ, .weight = weight}};
}

// Services of one address each, and real servers 10.1.0.1 and so on, at port 80.
inline VirtualServer virtualServer(std::vector<ServiceKey> services, unsigned realServers) {
  VirtualServer server;
  server.name = textOf(services.front());
  for (const ServiceKey& key : services) {
    server.services.push_back({key, 1});
  }
  server.options.scheduler = "wlc";
  for (unsigned i = 1; i <= realServers; ++i) {
    server.destinations.push_back(destination(("10.1.0." + std::to_string(i)).c_str(), 80));
  }
  return server;
}

}  // namespace holdfast::privd::ipvs
