// The broker in its event loop: who is connected, what arrives, when to go on, and how to leave.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "ipc/channel.h"
#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/result.h"
#include "policy/site/site_policy.h"
#include "privd/broker/broker.h"
#include "privd/broker/ipvs/checkd_link.h"
#include "privd/broker/kernel.h"
#include "privd/broker/netlink.h"

namespace holdfast::privd {

// When vrrpd does not close its end within this time after stop, the addresses go all the same.
inline constexpr Duration kLeaveTimeout = std::chrono::seconds(2);

class Service final : private Broker::Port {
 public:
  // Everything is borrowed but `control`, a descriptor that is owned, and `news`.
  Service(EventLoop& loop, Log& log, Kernel& kernel, ipvs::Edge& edge, NetlinkNews news,
          UniqueFd control);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Begins to listen to the supervisor and the kernel.
  [[nodiscard]] Status watch();
  [[nodiscard]] const Broker& broker() const { return broker_; }

 private:
  [[nodiscard]] ControlHandlers handlers();
  // Logs a request of the supervisor that is out of turn, and leaves.
  [[nodiscard]] bool permit(schema::ControlRequest::Verb verb, bool descriptor);
  void load(Generation generation, const UniqueFd& sealedConfig);
  void loadIpvs(Generation generation, const UniqueFd& sealedConfig);
  [[nodiscard]] Result<ipvs::Configuration> readIpvs(const UniqueFd& sealedConfig);
  void takeSitePolicy(const UniqueFd& sealedText);
  void openNotebook(Duration silence, const UniqueFd& memory);
  void attach(schema::ControlRequest::Peer peer, UniqueFd channel);
  void grantProcessMonitor(Channel watchd);
  void start();
  void leave();
  void finish();

  SendOutcome send(const Event& event, int borrowedFd) override;
  void flushOutbox();
  void watchVrrpd();
  void readVrrpd();
  void hearOutVrrpd();
  void dropVrrpd();
  void readNews();
  void settle();
  void settleSoon();

  EventLoop& loop_;
  Log& log_;
  NetlinkNews news_;
  Broker broker_;
  Channel vrrpd_;
  ipvs::CheckdLink checkd_;
  policy::SitePolicy site_;
  // Of the load() that comes next.
  std::optional<std::pair<Generation, Result<ipvs::Configuration>>> ipvs_;
  std::map<Generation, ReceiveBuffer> processMonitors_;  // of configurations that have one
  bool finished_ = false;
  bool hearsRouting_ = false;
  Timer settleTimer_;
  Timer flushTimer_;
  Timer leaveTimer_;
  Control control_;
};

}  // namespace holdfast::privd
