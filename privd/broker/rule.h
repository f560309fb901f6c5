// Routing policy rules of the sealed configuration, as rtnetlink has them (linux/fib_rules.h). What
// the kernel is told nothing of is not there.
#pragma once

#include <cstdint>
#include <optional>

#include "ipc/ids.h"
#include "ipc/ip_address.h"

namespace holdfast::privd {

struct Rule {
  template <typename Number>
  struct Range {
    Number first = 0;
    Number last = 0;
  };
  struct Mark {
    std::uint32_t value = 0;
    std::uint32_t mask = ~0U;
  };
  AddressFamily family = AddressFamily::kIpv4;
  bool invert = false;
  std::uint8_t action = 0;  // FR_ACT_*
  std::uint32_t preference = 0;
  std::uint32_t table = 0;   // of FR_ACT_TO_TBL
  std::uint32_t target = 0;  // of FR_ACT_GOTO
  bool l3mdev = false;
  std::optional<IpAddress> source;
  std::uint8_t sourceLength = 0;
  std::optional<IpAddress> destination;
  std::uint8_t destinationLength = 0;
  std::uint8_t tos = 0;
  std::optional<Mark> mark;
  std::optional<InterfaceId> input;  // by name: the device need not be there
  std::optional<InterfaceId> output;
  std::optional<std::uint32_t> realms;
  std::optional<std::uint32_t> suppressPrefixLength;
  std::optional<std::uint32_t> suppressGroup;
  std::optional<std::uint64_t> tunnelId;
  std::optional<Range<std::uint32_t>> uids;
  std::uint8_t protocol = 0;  // RTPROT_*
  std::optional<std::uint8_t> ipProtocol;
  std::optional<Range<std::uint16_t>> sourcePorts;
  std::optional<Range<std::uint16_t>> destinationPorts;
  bool tracked = true;  // put back when someone deletes it
  std::optional<TrackGroupId> trackGroup;
};

}  // namespace holdfast::privd
