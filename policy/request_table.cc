#include "policy/request_table.h"

#include <array>

namespace holdfast::policy {
namespace {

constexpr std::uint8_t bit(BrokerState state) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}

constexpr std::uint8_t kBeforeLeaving =
    bit(BrokerState::kIdle) | bit(BrokerState::kLoaded) | bit(BrokerState::kRunning);
constexpr std::uint8_t kConfigured = bit(BrokerState::kLoaded) | bit(BrokerState::kRunning);
constexpr std::uint8_t kStarted = bit(BrokerState::kRunning) | bit(BrokerState::kLeaving);
constexpr std::uint8_t kAlways = kBeforeLeaving | bit(BrokerState::kLeaving);

// Root pointer and two data words: ControlRequest and BrokerRequest have the same size.
constexpr std::size_t kBytes = 8 + 16;
constexpr std::size_t kLvsBytes = 8 + 24;

constexpr auto kSupervisor = Sender::kSupervisor;
constexpr auto kVrrpd = Sender::kVrrpd;
constexpr auto kCheckd = Sender::kCheckd;
constexpr auto kNothing = Names::kNothing;
constexpr auto kInstance = Names::kInstance;

// clang-format off
constexpr std::array kTable{
  // sender, verb, name, states, bytes, descriptor, names, handler
  RequestRow{kSupervisor, 0, "load",   kBeforeLeaving, kBytes, true,  kNothing, Handler::kLoad},
  RequestRow{kSupervisor, 1, "attach", kConfigured,    kBytes, true,  kNothing, Handler::kAttach},
  RequestRow{kSupervisor, 2, "start",  bit(BrokerState::kLoaded), kBytes, false, kNothing, Handler::kStart},
  RequestRow{kSupervisor, 3, "stop",   kAlways,        kBytes, false, kNothing, Handler::kStop},
  RequestRow{kSupervisor, 4, "retire", kConfigured,    kBytes, false, kNothing, Handler::kRetire},
  RequestRow{kSupervisor, 7, "notebook", bit(BrokerState::kIdle), kBytes, true, kNothing, Handler::kNotebook},
  RequestRow{kSupervisor, 10, "loadIpvs", kBeforeLeaving, kBytes, true, kNothing, Handler::kLoadIpvs},
  RequestRow{kSupervisor, 11, "sitePolicy", bit(BrokerState::kIdle), kBytes, true, kNothing, Handler::kSitePolicy},

  RequestRow{kVrrpd, 0, "hello",    kStarted, kBytes, false, kNothing,  Handler::kHello},
  RequestRow{kVrrpd, 1, "take",     kStarted, kBytes, false, kInstance, Handler::kTake},
  RequestRow{kVrrpd, 2, "yield",    kStarted, kBytes, false, kInstance, Handler::kYield},
  RequestRow{kVrrpd, 3, "announce", kStarted, kBytes, false, kInstance, Handler::kAnnounce},
  RequestRow{kVrrpd, 4, "openReceiveSocket", kStarted, kBytes, false, kInstance, Handler::kOpenReceiveSocket},
  RequestRow{kVrrpd, 5, "openSendSocket", kStarted, kBytes, false, Names::kInstanceAndPeer, Handler::kOpenSendSocket},
  RequestRow{kVrrpd, 6, "noteState", kStarted, kBytes, false, kInstance, Handler::kNoteState},

  RequestRow{kCheckd, 0, "hello",    kStarted, kLvsBytes, false, kNothing, Handler::kHelloOfCheckd},
  RequestRow{kCheckd, 1, "setDestination", kStarted, kLvsBytes, false, Names::kRealServer, Handler::kSetDestination},
  RequestRow{kCheckd, 2, "setSorry", kStarted, kLvsBytes, false, Names::kSorryServer, Handler::kSetSorry},
  RequestRow{kCheckd, 3, "complete", kStarted, kLvsBytes, false, kNothing, Handler::kComplete},
  RequestRow{kCheckd, 4, "openCheckSocket", kStarted, kLvsBytes, false, Names::kCheckSocket, Handler::kOpenCheckSocket},
  RequestRow{kCheckd, 5, "readStatistics", kStarted, kLvsBytes, false, Names::kVirtualServer, Handler::kReadStatistics},
};
// clang-format on

}  // namespace

std::span<const RequestRow> requestTable() {
  return kTable;
}

const char* describe(RequestVerdict verdict) {
  switch (verdict) {
    case RequestVerdict::kServe:
      return "served";
    case RequestVerdict::kUnknownVerb:
      return "unknown verb";
    case RequestVerdict::kWrongSize:
      return "wrong size";
    case RequestVerdict::kWrongDescriptors:
      return "wrong number of descriptors";
    case RequestVerdict::kWrongState:
      return "out of turn";
  }
  return "impossible verdict";
}

Judgement judge(Sender sender, std::uint16_t verb, BrokerState state, std::size_t bytes,
                bool descriptor) {
  for (const RequestRow& row : kTable) {
    if (row.sender != sender || row.verb != verb) {
      continue;
    }
    if (bytes != row.bytes) {
      return {RequestVerdict::kWrongSize, &row};
    }
    if (descriptor != row.descriptor) {
      return {RequestVerdict::kWrongDescriptors, &row};
    }
    return {row.legalIn(state) ? RequestVerdict::kServe : RequestVerdict::kWrongState, &row};
  }
  return {};
}

}  // namespace holdfast::policy
