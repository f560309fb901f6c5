// The broker: what the supervisor and vrrpd may ask, and what is done about it. It lives in privd,
// holds no descriptor itself, and does everything through Kernel and Port, so that tests and the
// fuzzer run all of it. It must never take anything from a request but an index, a generation and
// an enum, and never wait for anybody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ipc/channel.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/time.h"
#include "policy/request_table.h"
#include "privd/broker/announcer.h"
#include "privd/broker/configuration.h"
#include "privd/broker/firewall.h"
#include "privd/broker/holdings.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/kernel.h"
#include "privd/broker/links.h"
#include "privd/broker/netlink_codec.h"
#include "privd/broker/notebook.h"
#include "privd/broker/outbox.h"
#include "privd/broker/settings.h"

namespace holdfast::privd {

class Broker {
 public:
  // vrrpd's end of the world.
  class Port {
   public:
    virtual ~Port() = default;
    // `borrowedFd` is -1 for none. kFull: flush() is called when there is room again.
    virtual SendOutcome send(const Event& event, int borrowedFd) = 0;
  };

  Broker(Kernel& kernel, Log& log, Port& port);

  // Goes on from what the privd before this one wrote down, which died at `diedAt`; before load().
  void remember(Notebook notebook, TimePoint diedAt);

  // From the supervisor. False: the request is not in the table for the present state.
  [[nodiscard]] bool permits(schema::ControlRequest::Verb verb, bool descriptor) const;
  // 0, or the errno that says why not.
  [[nodiscard]] int load(Generation generation, Configuration config);
  void start(TimePoint now);
  void retire(Generation generation);
  void beginLeaving() { state_ = policy::BrokerState::kLeaving; }
  // Gives up everything that is held.
  void releaseEverything();

  // A new channel to vrrpd, or its end: what waits to be sent is out of date either way.
  void vrrpdChanged();
  // The end of the channel that there was: from now on nobody advertises.
  void vrrpdLost(TimePoint now);
  // False: the message broke the rules, and the channel is to be closed.
  [[nodiscard]] bool serveVrrpd(std::span<const capnp::word> segment, bool descriptor,
                                TimePoint now);
  // False: the port is full again.
  bool flush() { return outbox_.flush(); }

  // From the kernel.
  void news(const NetlinkMessage& message);
  void overrun();

  // To be called after everything else, and at the time that it returned: dumps, puts back,
  // announces.
  [[nodiscard]] TimePoint settle(TimePoint now);

  // Whether vrrpd noted it so last.
  [[nodiscard]] bool isMaster(const InstanceKey& key) const;

  [[nodiscard]] policy::BrokerState state() const { return state_; }
  // How many events vrrpd has not read yet.
  [[nodiscard]] std::size_t waiting() const { return outbox_.size(); }
  [[nodiscard]] const Holdings& holdings() const { return holdings_; }
  [[nodiscard]] const Interfaces& interfaces() const { return interfaces_; }

 private:
  struct BurstCount {
    TimePoint windowStart{};
    unsigned bursts = 0;
  };
  struct Request {
    schema::BrokerRequest::Reader message;
    const policy::RequestRow* row = nullptr;
    InstanceKey key;
    TimePoint now;
  };

  // requests.cc
  enum class Named : std::uint8_t { kFound, kRetired, kNot };
  [[nodiscard]] Named namesSomething(const Request& request) const;
  [[nodiscard]] bool dispatch(const Request& request);
  [[nodiscard]] bool refuse(const Request& request, std::string_view why);
  void audit(const Request& request, int error, TimePoint start);
  void auditStatic(std::string_view what, Generation generation, int error, TimePoint start);
  void audit(const std::string& what, int error, TimePoint start);
  [[nodiscard]] std::string subjectOf(const Request& request) const;
  [[nodiscard]] std::string subjectOf(const InstanceKey& key) const;

  // handlers.cc
  void hello(const Request& request);
  [[nodiscard]] std::optional<Note> noteFor(const InstanceKey& key) const;
  [[nodiscard]] bool sameRouter(const InstanceKey& one, const InstanceKey& other) const;
  void take(const Request& request);
  void sayRouting(const char* routes, const char* rules, const InstanceKey& key);
  [[nodiscard]] Announcer::Pace paceOf(const InstanceKey& key) const;
  [[nodiscard]] std::vector<Announcer::Target> elsewhere(
      const InstanceKey& key, std::vector<Announcer::Target> targets) const;
  [[nodiscard]] bool mayAnnounce(const InstanceKey& key, TimePoint now);
  void yield(const Request& request);
  [[nodiscard]] bool announce(const Request& request);
  [[nodiscard]] bool noteState(const Request& request);

  // socket_requests.cc
  void openSocket(const Request& request, schema::BrokerEvent::SocketKind kind);
  SendOutcome transmit(const Event& event);
  SendOutcome transmitSocket(const Event& event);
  [[nodiscard]] Result<SendSocket> makeSocket(const Event& event);
  [[nodiscard]] Result<SendSocket> makeSendSocket(const Event& event, const Book& book,
                                                  const Instance& instance);

  // remembering.cc
  void recall(Generation generation);
  [[nodiscard]] TimePoint writeDown(TimePoint now);
  void writeNotes();

  // broker.cc
  void handDown(Generation from);
  void interfaceChanged(Slot slot, const InterfaceStatus& status);
  void reconciled(const InstanceKey& key, int error);
  void sendAnnouncement(const InstanceKey& key, const Announcer::Target& target, bool first);
  void promoteSecondaries(const InstanceKey& key);
  void removeMarked();
  void placeStatic(Generation generation);
  void tellTrackGroups();
  void tellSources();
  void updateFirewall();
  void wantLinks();
  void dumpAndCompare();
  [[nodiscard]] TimePoint endAbsence(TimePoint now);
  [[nodiscard]] const Instance& instanceOf(const InstanceKey& key) const;

  Kernel& kernel_;
  Log& log_;
  Port& port_;
  policy::BrokerState state_ = policy::BrokerState::kIdle;
  Interfaces interfaces_;
  Holdings holdings_;
  Firewall firewall_;
  Settings settings_;
  Links links_;
  bool isFirewallSuspect_ = true;  // what it is to be may have changed
  Announcer announcer_;
  Outbox outbox_;
  std::map<InstanceKey, Note> notes_;
  std::map<InstanceKey, BurstCount> bursts_;
  std::map<Slot, bool> routers_;  // IPv6 forwarding, as of the burst that is under way
  // Whose interface ids vrrpd understands: the generation of its last hello.
  std::optional<Generation> watching_;
  // A request that crossed with the supervisor's retire is not held against vrrpd.
  std::optional<Generation> lastRetired_;
  std::optional<TimePoint> vrrpdLostAt_;
  TimePoint absentSince_{};  // the same, or when this privd started
  std::optional<Notebook> notebook_;
  Notes recalled_;       // what it said at the start, until its generation is loaded
  bool goesOn_ = false;  // from the notes of the privd before
  std::map<TrackGroupId, int> lacking_;  // as vrrpd was told
  std::map<InstanceId, bool> sources_;   // that are tracked: are they there, as vrrpd was told
  bool isWrittenDown_ = true;
  TimePoint nextWriting_{};
  bool dumpFailed_ = false;
  TimePoint nextDump_{};
};

}  // namespace holdfast::privd
