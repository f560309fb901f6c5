// The load balancer: what checkd may ask of IPVS, and what is done about it. It lives in privd,
// holds no channel itself, and does everything through Edge and Port, so that tests and the fuzzer
// run all of it. It must never take anything from a request but an index, a generation, a weight
// and what the table of policy/ permits, and never wait for anybody.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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
#include "privd/broker/ipvs/address_watch.h"
#include "privd/broker/ipvs/edge.h"
#include "privd/broker/ipvs/event.h"
#include "privd/broker/ipvs/marks.h"
#include "privd/broker/ipvs/statistics_reader.h"
#include "privd/broker/ipvs/sync_daemons.h"
#include "privd/broker/ipvs/table.h"

namespace holdfast::privd::ipvs {

class Balancer {
 public:
  // checkd's end of the world.
  class Port {
   public:
    virtual ~Port() = default;
    // `borrowedFd` is -1 for none. kFull: flush() is called when there is room again.
    virtual SendOutcome send(const Event& event, int borrowedFd) = 0;
  };
  // Whether vrrpd has noted that an instance is master.
  using IsMaster = std::function<bool(Generation generation, InstanceId instance)>;

  Balancer(Edge& edge, Log& log, Port& port, IsMaster isMaster);

  // Before the first load(): an Error where the kernel has no IPVS.
  [[nodiscard]] Status prepare();
  void load(Generation generation, Configuration config);
  // `isFirst`: the daemon starts. Without a configuration it does nothing yet.
  [[nodiscard]] Status start(bool isFirst);
  void retire(Generation generation);
  // Gives up everything that is held.
  void release();

  // A new channel to checkd, or its end: what waits to be sent is out of date either way.
  void checkdChanged();
  // False: the message broke the rules, and the channel is to be closed.
  [[nodiscard]] bool serve(std::span<const capnp::word> segment, bool descriptor,
                           policy::BrokerState state, TimePoint now);
  // False: the port is full again.
  bool flush() { return queue_.flush(); }
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

  // From the kernel.
  void news(const NetlinkMessage& message);
  void overrun();

  // To be called after everything else, and at the time that it returned.
  [[nodiscard]] TimePoint settle(TimePoint now);

 private:
  struct Request {
    schema::LvsRequest::Reader message;
    const policy::RequestRow* row = nullptr;
    Generation generation{};
    TimePoint now;
  };
  // What takes IPVS, from prepare() on.
  struct Parts {
    Parts(std::unique_ptr<IpvsKernel> kernel, Log& log, Table::Refused refused,
          StatisticsReader::Post post);
    std::unique_ptr<IpvsKernel> ipvs;
    Table table;
    SyncDaemons syncDaemons;
    StatisticsReader statistics;
  };

  // requests.cc
  [[nodiscard]] bool namesSomething(const Request& request) const;
  [[nodiscard]] bool dispatch(const Request& request);
  [[nodiscard]] bool refuse(const Request& request, std::string_view why);
  [[nodiscard]] std::string subjectOf(const Request& request) const;
  void hello(const Request& request);
  void say(const Request& request, const ServerId& server);
  void complete(const Request& request);
  void openCheckSocket(const Request& request);
  SendOutcome transmit(const Event& event);
  SendOutcome transmitSocket(const Event& event);
  [[nodiscard]] Result<UniqueFd> makeSocket(const Event& event);

  // balancer.cc
  void post(const Event& event) { queue_.post(event, event.subject()); }
  void readAddresses();
  void tellAddresses();
  void followForce();
  [[nodiscard]] const Wishes* find(Generation generation) const;

  Edge& edge_;
  Log& log_;
  Port& port_;
  IsMaster isMaster_;
  std::optional<Parts> parts_;
  bool isRunning_ = false;  // between start() and release()
  EventQueue queue_;
  Marks marks_;
  AddressWatch addresses_;
  bool watchesAddresses_ = false;  // some configuration has ha_suspend
  bool areAddressesSuspect_ = false;
  std::map<std::uint32_t, bool> told_;  // by virtual server: is its address there
  // Whose virtual servers checkd means: the generation of its last hello.
  std::optional<Generation> watching_;
  // A request that crossed with the supervisor's retire is not held against checkd.
  std::optional<Generation> lastRetired_;
  std::optional<Generation> followed_;  // whose timeouts are set
  // How many sockets it may still have now.
  double sockets_ = 0;
  TimePoint socketsSince_{};
};

}  // namespace holdfast::privd::ipvs
