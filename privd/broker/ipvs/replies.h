// What the generic netlink family IPVS answers, read from bytes. What is malformed or of no
// interest is skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>

#include "privd/broker/ipvs/kernel.h"

namespace holdfast::privd::ipvs {

struct FamilyNumber {
  std::uint16_t number = 0;
};
// An acknowledgement or an error (an errno value).
struct Answer {
  int error = 0;
};
struct EndOfDump {
  int error = 0;
};

struct Reply {
  std::uint32_t sequence = 0;
  bool interrupted = false;  // NLM_F_DUMP_INTR: the dump is inconsistent
  std::variant<std::monostate, FamilyNumber, Answer, EndOfDump, Service, Destination, RunningDaemon>
      what;

  // There is nothing more for this request.
  [[nodiscard]] bool isLast() const {
    return std::holds_alternative<Answer>(what) || std::holds_alternative<EndOfDump>(what);
  }
};

// Calls `found` for each whole message of a datagram, which has to be aligned as a nlmsghdr.
// `family` is the number of IPVS, or 0 where it is not known. `service` is the family of the
// service whose destinations are listed: old kernels do not say it of each.
void readReplies(std::span<std::byte> datagram, std::uint16_t family, AddressFamily service,
                 const std::function<void(Reply& reply)>& found);

}  // namespace holdfast::privd::ipvs
