// A virtual router under a clock of its own, for tests: what it did, in words.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

inline std::string wordOf(State state) {
  switch (state) {
    case State::kInitialize:
      return "initialize";
    case State::kBackup:
      return "backup";
    case State::kMaster:
      return "master";
    case State::kFault:
      return "fault";
  }
  return "?";
}

inline std::string describe(const Action& action) {
  struct Describe {
    std::string operator()(const SendAdvertisement& a) const {
      return "send " + std::to_string(a.priority);
    }
    std::string operator()(const TakeAddresses&) const { return "take"; }
    std::string operator()(const YieldAddresses&) const { return "yield"; }
    std::string operator()(const Announce& a) const {
      switch (a.reason) {
        case AnnounceReason::kBecameMaster:
          return "announce";
        case AnnounceReason::kLowerPriority:
          return "announce lower";
        case AnnounceReason::kExtra:
          return "announce extra";
        case AnnounceReason::kRefresh:
          return "announce refresh";
      }
      return "?";
    }
    std::string operator()(const NoteState& a) const {
      return "note " + wordOf(a.state) + " " + std::to_string(a.priority);
    }
    std::string operator()(const Notify& a) const {
      static const char* const kNames[] = {"master",   "backup",          "fault",          "stop",
                                           "rx-lower", "master-priority", "backup-priority"};
      return std::string(a.isRepeated ? "repeat " : "notify ") + kNames[static_cast<int>(a.event)] +
             " " + std::to_string(a.priority);
    }
    std::string operator()(const LogText& a) const {
      return (a.detail == Detail::kDetailed ? "logD " : "log ") + a.text;
    }
  };
  return std::visit(Describe{}, action);
}

// What was done since the last look, and separately what was logged.
class Happenings {
 public:
  Actions out;

  std::vector<std::string> done() { return take(false); }
  std::vector<std::string> logged() { return take(true); }
  void forget() { out.clear(); }

 private:
  std::vector<std::string> take(bool logs) {
    std::vector<std::string> words;
    Actions rest;
    for (Action& action : out) {
      if (std::holds_alternative<LogText>(action) == logs) {
        words.push_back(describe(action));
      } else {
        rest.push_back(std::move(action));
      }
    }
    out = std::move(rest);
    return words;
  }
};

class RouterHarness : public Happenings {
 public:
  explicit RouterHarness(VirtualRouterConfig config, const char* source = "10.9.0.1")
      : router(std::move(config)) {
    router.setSource(*IpAddress::parse(source));
  }

  void start(std::optional<Noted> noted = {}) { router.start(now, noted, out); }
  // Lets time pass, and every timer expire on time.
  void pass(Duration duration) {
    const TimePoint end = now + duration;
    while (router.nextDeadline() <= end) {
      now = router.nextDeadline();
      router.expire(now, out);
    }
    now = end;
  }
  // Lets time pass without the process running.
  void oversleep(Duration duration) {
    now += duration;
    if (router.nextDeadline() <= now) {
      router.expire(now, out);
    }
  }
  void hear(const char* source, std::uint8_t priority,
            Duration interval = std::chrono::seconds(1)) {
    router.receive(now, {*IpAddress::parse(source), priority, interval}, out);
  }
  [[nodiscard]] Duration untilDeadline() const { return router.nextDeadline() - now; }

  TimePoint now{std::chrono::hours(1)};
  VirtualRouter router;
};

}  // namespace holdfast::vrrpd
