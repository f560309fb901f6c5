// What the pure objects of this room ask for. They take events and a time and append actions; the
// process carries them out in their order.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ipc/log_text.h"

namespace holdfast::vrrpd {

// RFC 5798, 6.4, and keepalived's FAULT: kept from taking part by something that was noticed.
enum class State : std::uint8_t { kInitialize, kBackup, kMaster, kFault };

// As logs and notify scripts say it.
[[nodiscard]] constexpr const char* nameOf(State state) {
  switch (state) {
    case State::kInitialize:
      return "INIT";
    case State::kBackup:
      return "BACKUP";
    case State::kMaster:
      return "MASTER";
    case State::kFault:
      return "FAULT";
  }
  return "?";
}

// kExtra: only the addresses that are not on the instance's own interface.
enum class AnnounceReason : std::uint8_t { kBecameMaster, kLowerPriority, kRefresh, kExtra };
enum class NotifyEvent : std::uint8_t {
  kMaster,
  kBackup,
  kFault,
  kStop,
  kMasterReceivedLowerPriority,
  // notify_priority_changes: told to the FIFOs only.
  kMasterPriority,
  kBackupPriority,
};

// Whether the event is that a state was entered.
[[nodiscard]] constexpr bool isState(NotifyEvent event) {
  return event <= NotifyEvent::kStop;
}

// To every destination of the instance, at once.
struct SendAdvertisement {
  std::uint8_t priority = 0;
  friend bool operator==(const SendAdvertisement&, const SendAdvertisement&) = default;
};
// The virtual addresses are to be on this host, and not to be on it.
struct TakeAddresses {
  friend bool operator==(const TakeAddresses&, const TakeAddresses&) = default;
};
struct YieldAddresses {
  friend bool operator==(const YieldAddresses&, const YieldAddresses&) = default;
};
// One burst of gratuitous ARP or unsolicited neighbour advertisements.
struct Announce {
  AnnounceReason reason = AnnounceReason::kBecameMaster;
  friend bool operator==(const Announce&, const Announce&) = default;
};
// To be remembered outside this process, for the one that comes after a crash.
struct NoteState {
  State state = State::kInitialize;
  std::uint8_t priority = 0;
  friend bool operator==(const NoteState&, const NoteState&) = default;
};
struct Notify {
  NotifyEvent event = NotifyEvent::kBackup;
  std::uint8_t priority = 0;
  bool isRepeated = false;  // it was the last to be told already, if by an earlier process
  friend bool operator==(const Notify&, const Notify&) = default;
};

using Action = std::variant<SendAdvertisement, TakeAddresses, YieldAddresses, Announce, NoteState,
                            Notify, LogText>;
using Actions = std::vector<Action>;

inline void logInfo(Actions& out, std::string text) {
  out.emplace_back(LogText{.text = std::move(text)});
}
inline void logDetail(Actions& out, std::string text) {
  out.emplace_back(LogText{.detail = Detail::kDetailed, .text = std::move(text)});
}
inline void logWarning(Actions& out, std::string text) {
  out.emplace_back(LogText{.severity = Severity::kWarning, .text = std::move(text)});
}

}  // namespace holdfast::vrrpd
