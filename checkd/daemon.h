// checkd: checks real servers, and says which of them the kernel is to use. It holds no privilege:
// IPVS is privd's, and scripts are run by a scriptd. Owned by main().
//
// It takes one configuration in its life. Its own crash, and that of any other process, is survived
// with the kernel's table as it is (docs/design.md, "What survives a crash").
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "checkd/attempts.h"
#include "checkd/broker_link.h"
#include "checkd/configuration.h"
#include "checkd/http_attempt.h"
#include "checkd/memory.h"
#include "checkd/notices.h"
#include "checkd/script_link.h"
#include "checkd/script_runs.h"
#include "checkd/service.h"
#include "checkd/sockets.h"
#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/watch_link.h"

namespace holdfast::checkd {

class Daemon {
 public:
  // `control` is owned.
  Daemon(EventLoop& loop, Log& log, UniqueFd control);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // For a loop that somebody else runs.
  [[nodiscard]] Status watch() { return control_.watch(); }
  // Until it is told to stop.
  [[nodiscard]] Status run();

 private:
  // From the supervisor.
  void load(Generation generation, const UniqueFd& sealed);
  void attach(schema::ControlRequest::Peer peer, std::uint32_t argument, UniqueFd channel);
  void adoptFifo(schema::ControlRequest::Fifo fifo, UniqueFd end);
  void start();
  void giveWay(Generation generation, const UniqueFd& sealed);
  void stop();
  // When scriptds have been told all, or time is up.
  void whenAllIsSaid(std::function<void()> then);
  void lookWhetherAllIsSaid();

  // From privd.
  void brokerEvent(schema::LvsEvent::Reader event, UniqueFd fd);
  void sayAll();

  [[nodiscard]] Status adopt(Generation generation, schema::CheckerConfig::Reader config);
  void prepareTls(const Configuration& configuration, schema::CheckerConfig::Reader config);
  void makeServices();
  [[nodiscard]] Service::Outlets outletsOf(std::size_t server, std::size_t firstObject,
                                           std::size_t firstSubject);
  [[nodiscard]] ScriptLink& linkTo(IdentityId identity);
  void expectScriptds();

  EventLoop& loop_;
  Log& log_;
  Control control_;
  Memory memory_;
  Notices notices_;
  BrokerLink broker_;
  WatchLink watch_;
  std::map<IdentityId, std::unique_ptr<ScriptLink>> scripts_;
  ScriptRuns runs_;
  Sockets sockets_;
  HttpClient http_;
  TlsContexts tls_;
  Generation generation_{};
  std::optional<Configuration> configuration_;
  std::vector<std::pair<schema::ControlRequest::Fifo, UniqueFd>> fifos_;  // until start()
  std::vector<std::unique_ptr<Service>> services_;
  bool isStarted_ = false;
  TimePoint patience_ = kNever;
  std::function<void()> afterLastWords_;
  Timer lastWordsTimer_;
};

}  // namespace holdfast::checkd
