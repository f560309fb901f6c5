// An instance at work: its sockets, its timer, and its way to privd and to the scripts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "vrrpd/broker_link.h"
#include "vrrpd/configuration.h"
#include "vrrpd/instance.h"
#include "vrrpd/last_words.h"
#include "vrrpd/notifier.h"
#include "vrrpd/receiver.h"
#include "vrrpd/send_sockets.h"

namespace holdfast::vrrpd {

// What the Daemon knows of an interface.
struct KnownInterface {
  bool exists = false;
  InterfaceStatus status;
};

// Carries out what its Instance asks for. Owned by the Daemon. It must not decide anything about
// VRRP: that is the Instance's.
class Station {
 public:
  // How it stands now, told to its sync group: after all that follows has been carried out.
  using Stands = std::function<void(Standing standing)>;

  Station(EventLoop& loop, Log& log, BrokerLink& broker, Receiver& receiver, LastWords& lastWords,
          Notifier::Outlets notify, InstanceId id, const ConfiguredInstance& configured);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  void joinGroup(Stands stands) { stands_ = std::move(stands); }
  void followGroup(State group);
  // Everything that privd had to say is known.
  void begin(const std::optional<Noted>& noted);
  void stop();
  // A new channel to privd: says how everything is to be.
  void resync();
  // privd is gone; it is there again and has answered.
  void brokerGone();
  void brokerBack();

  // `reappeared`: it is another device of the same name, and sockets on the old one are dead.
  void interfaceChanged(InterfaceId id, const KnownInterface& known, bool reappeared);
  void scriptChanged(TrackScriptId id, Condition condition);
  void fileChanged(TrackFileId id, FileNumber number);
  void processChanged(TrackProcessId id, Condition condition);
  // `result` is 0 or an errno; `identification` is of the last packet of the send socket.
  void sendSocketAnswered(std::size_t peer, std::uint32_t result, UniqueFd fd,
                          std::uint16_t identification);
  [[nodiscard]] Receiver& receiver() { return receiver_; }
  void taken(std::uint32_t result);
  void yielded() { hasAddresses_ = false; }
  // track_src_ip: `error` is 0 when the configured source address is there.
  void sourceTold(std::uint32_t error);
  void trackGroupLacks(TrackGroupId group, std::string_view what);
  void addressRestored();
  void addressLost(std::uint32_t result);

  [[nodiscard]] const Instance& instance() const { return instance_; }
  void clearCounters();
  // As far as privd has confirmed it.
  [[nodiscard]] bool hasAddresses() const { return hasAddresses_; }
  // When it came into the state that it is in.
  [[nodiscard]] std::chrono::system_clock::time_point lastTransition() const {
    return lastTransition_;
  }

 private:
  [[nodiscard]] bool canOpenSockets() const;
  // `isAnotherDevice`: the receive socket is of one that is gone.
  void openSockets(bool isAnotherDevice = false);
  [[nodiscard]] bool hasSockets() const;
  void socketsAnswered(std::uint32_t error, std::string_view refusal);
  void hearFirst();
  void timerExpired(TimePoint now);
  void received(const Envelope& envelope);

  // Performs what `out_` holds and arms the timer for what comes next.
  void perform();
  void carryOut(const SendAdvertisement& action);
  void carryOut(const TakeAddresses& action);
  void carryOut(const YieldAddresses& action);
  void carryOut(const Announce& action);
  void carryOut(const NoteState& action);
  void carryOut(const Notify& action);
  void carryOut(const LogText& action);
  void sent(std::size_t destination, int error);
  void noteState(State state, std::uint8_t priority);
  void noteCounters();

  Log& log_;
  BrokerLink& broker_;
  LastWords& lastWords_;
  InstanceId id_;
  Notifier notifier_;
  Stands stands_;
  Instance instance_;
  Receiver& receiver_;
  SendSockets senders_;
  std::vector<int> lastSendError_;  // by destination
  Timer timer_;
  Timer retry_;  // of sockets that were refused
  Actions out_;
  bool interfaceExists_ = false;  // the one that it speaks on
  bool hasBegun_ = false;
  bool hasAddresses_ = false;  // as far as privd has confirmed it
  Standing standing_ = Standing::kWaiting;
  State lastState_ = State::kInitialize;
  std::chrono::system_clock::time_point lastTransition_ = std::chrono::system_clock::now();
  std::uint16_t notedReplayCounter_ = 0;
};

}  // namespace holdfast::vrrpd
