// The closed vocabulary of the broker: every request that privd serves, from whom, when, and how it
// looks. A request that is not in this table, or not exactly as its row says, closes its sender's
// channel. Read this first in an audit of privd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::policy {

// Which socketpair the request came on. Nothing in a message says who sent it.
enum class Sender : std::uint8_t { kSupervisor, kVrrpd, kCheckd };

enum class BrokerState : std::uint8_t {
  kIdle,     // no configuration yet
  kLoaded,   // a configuration is validated; requests from workers are not read yet
  kRunning,  // told to start
  kLeaving,  // told to stop: waiting for vrrpd to close its end
};

enum class Handler : std::uint8_t {
  kLoad,
  kAttach,
  kStart,
  kStop,
  kRetire,
  kNotebook,
  kHello,
  kTake,
  kYield,
  kAnnounce,
  kOpenReceiveSocket,
  kOpenSendSocket,
  kNoteState,
  kLoadIpvs,
  kSitePolicy,
  kHelloOfCheckd,
  kSetDestination,
  kSetSorry,
  kComplete,
  kOpenCheckSocket,
  kReadStatistics,
};

// What the request names beside its generation, all of which the broker checks against the sealed
// configuration before the handler is called.
enum class Names : std::uint8_t {
  kNothing,
  kInstance,
  kInstanceAndPeer,
  kVirtualServer,
  kRealServer,   // of a virtual server
  kSorryServer,  // of a virtual server
  kCheckSocket,
};

struct RequestRow {
  Sender sender;
  std::uint16_t verb;  // ControlRequest.Verb, BrokerRequest.Verb of vrrpd, LvsRequest.Verb
  const char* name;
  std::uint8_t legalStates;  // a bit for each BrokerState
  std::size_t bytes;         // exact size of the datagram
  bool descriptor;           // exactly one beside it, or none
  Names names;
  Handler handler;

  [[nodiscard]] constexpr bool legalIn(BrokerState state) const {
    return ((legalStates >> static_cast<unsigned>(state)) & 1U) != 0;
  }
};

[[nodiscard]] std::span<const RequestRow> requestTable();

enum class RequestVerdict : std::uint8_t {
  kServe,
  kUnknownVerb,
  kWrongSize,
  kWrongDescriptors,
  kWrongState,
};
[[nodiscard]] const char* describe(RequestVerdict verdict);

struct Judgement {
  RequestVerdict verdict = RequestVerdict::kUnknownVerb;
  const RequestRow* row = nullptr;  // null only with kUnknownVerb
};

[[nodiscard]] Judgement judge(Sender sender, std::uint16_t verb, BrokerState state,
                              std::size_t bytes, bool descriptor);

}  // namespace holdfast::policy
