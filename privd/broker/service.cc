#include "privd/broker/service.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

#include "ipc/message.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/sealed.h"
#include "policy/site/parse.h"
#include "privd/broker/configuration.h"
#include "privd/broker/process_monitor.h"
#include "privd/broker/site_rules.h"

namespace holdfast::privd {
namespace {

using ControlVerb = schema::ControlRequest::Verb;

constexpr int kRequestsInATurn = 32;
// More than a socket's queue has room for.
constexpr int kLastRequests = 1024;
// Some take long: no further one is begun after this.
constexpr Duration kTurn = std::chrono::milliseconds(2);
// Between two looks at a socket that was full. It can be writable and still refuse descriptors.
constexpr Duration kFlushPatience = std::chrono::milliseconds(10);

}  // namespace

Service::Service(EventLoop& loop, Log& log, Kernel& kernel, ipvs::Edge& edge, NetlinkNews news,
                 UniqueFd control)
    : loop_(loop),
      log_(log),
      news_(std::move(news)),
      broker_(kernel, log, *this),
      checkd_(
          loop, log, edge,
          [this](Generation generation, InstanceId instance) {
            return broker_.isMaster({generation, instance});
          },
          {.state = [this] { return broker_.state(); },
           // Once for all that was asked in this turn.
           .settle = [this] { settleSoon(); },
           .misbehaved = [this] { control_.misbehaved(schema::ControlRequest::Peer::CHECKD); }}),
      settleTimer_(loop, [this](TimePoint, Duration) { settle(); }),
      flushTimer_(loop,
                  [this](TimePoint, Duration) {
                    loop_.onceWritable(vrrpd_.fd(), [this] { flushOutbox(); });
                  }),
      leaveTimer_(loop,
                  [this](TimePoint, Duration) {
                    log_.warning("vrrpd is still there: removing its addresses");
                    finish();
                  }),
      control_(loop, std::move(control), handlers()) {}

Service::~Service() {
  loop_.removeReader(news_.fd());
  loop_.removeReader(vrrpd_.fd());
}

Status Service::watch() {
  Status news = loop_.addReader(news_.fd(), Turn::kRest, [this] { readNews(); });
  return news ? control_.watch() : news;
}

ControlHandlers Service::handlers() {
  ControlHandlers handlers;
  handlers.load = [this](Generation generation, UniqueFd sealedConfig) {
    if (permit(ControlVerb::LOAD, true)) {
      load(generation, sealedConfig);
    }
  };
  handlers.loadIpvs = [this](Generation generation, UniqueFd sealedConfig) {
    if (permit(ControlVerb::LOAD_IPVS, true)) {
      loadIpvs(generation, sealedConfig);
    }
  };
  handlers.sitePolicy = [this](const UniqueFd& sealedText) {
    if (permit(ControlVerb::SITE_POLICY, true)) {
      takeSitePolicy(sealedText);
    }
  };
  handlers.attach = [this](schema::ControlRequest::Peer peer, std::uint32_t, UniqueFd channel) {
    if (permit(ControlVerb::ATTACH, true)) {
      attach(peer, std::move(channel));
    }
  };
  handlers.start = [this] {
    if (permit(ControlVerb::START, false)) {
      start();
    }
  };
  handlers.retire = [this](Generation generation) {
    if (permit(ControlVerb::RETIRE, false)) {
      broker_.retire(generation);
      checkd_.balancer().retire(generation);
      processMonitors_.erase(generation);
      log_.extraDetail("audit: supervisor retire generation " +
                       std::to_string(static_cast<std::uint32_t>(generation)) + ": done");
      settle();
    }
  };
  handlers.notebook = [this](std::uint32_t silenceMs, UniqueFd memory) {
    if (permit(ControlVerb::NOTEBOOK, true)) {
      openNotebook(std::chrono::milliseconds(silenceMs), memory);
    }
  };
  handlers.stop = [this] { leave(); };
  return handlers;
}

bool Service::permit(ControlVerb verb, bool descriptor) {
  if (broker_.permits(verb, descriptor)) {
    return true;
  }
  log_.error("audit: supervisor verb " + std::to_string(static_cast<unsigned>(verb)) +
             ": refused: out of turn");
  leave();
  return false;
}

// What is wrong with it is told as the answer to load().
void Service::loadIpvs(Generation generation, const UniqueFd& sealedConfig) {
  ipvs_.emplace(generation, readIpvs(sealedConfig));
}

Result<ipvs::Configuration> Service::readIpvs(const UniqueFd& sealedConfig) {
  const auto sealed = SealedConfig<schema::IpvsConfig>::map(sealedConfig.get());
  if (!sealed) {
    return sealed.error();
  }
  if (Status prepared = checkd_.balancer().prepare(); !prepared) {
    return prepared.error();
  }
  auto configuration = ipvs::readConfiguration(sealed->root());
  if (configuration) {
    if (auto objection = refused(*configuration, site_)) {
      return Error{std::move(*objection), EPERM};
    }
  }
  return configuration;
}

void Service::load(Generation generation, const UniqueFd& sealedConfig) {
  const auto refuse = [&](const std::string& reason, int error, std::uint32_t object) {
    log_.error("audit: supervisor load generation " +
               std::to_string(static_cast<std::uint32_t>(generation)) + ": refused: " + reason);
    control_.loaded(generation, static_cast<std::uint32_t>(error), object);
  };
  auto ipvs = std::exchange(ipvs_, std::nullopt);
  const bool isBalanced = ipvs && ipvs->first == generation;
  if (isBalanced && !ipvs->second) {
    const Error& error = ipvs->second.error();
    refuse(error.message, error.code != 0 ? error.code : EINVAL, 0);
    return;
  }
  const auto sealed = SealedConfig<schema::BrokerConfig>::map(sealedConfig.get());
  if (!sealed) {
    refuse(sealed.error().message, EINVAL, 0);
    return;
  }
  auto read = readConfiguration(sealed->root());
  if (const Refusal* refusal = std::get_if<Refusal>(&read)) {
    refuse(refusal->reason, EINVAL, refusal->object);
    return;
  }
  Configuration& config = std::get<Configuration>(read);
  if (const auto objection = refused(config, site_)) {
    refuse(objection->reason, EPERM, objection->object);
    return;
  }
  if (config.hasRouting() && !std::exchange(hearsRouting_, true)) {
    if (Status heard = news_.hearRouting(); !heard) {
      refuse(heard.error().message, heard.error().code, 0);
      return;
    }
  }
  if (Status enlarged = news_.enlarge(config.news); !enlarged) {
    refuse(enlarged.error().message, enlarged.error().code, 0);
    return;
  }
  const auto monitor = config.processMonitor;
  if (const int error = broker_.load(generation, std::move(config)); error != 0) {
    refuse(std::strerror(error), error, 0);
    return;
  }
  if (monitor) {
    processMonitors_[generation] = *monitor;
  }
  if (isBalanced) {
    checkd_.balancer().load(generation, std::move(ipvs->second).value());
  }
  control_.loaded(generation, 0);
  settle();
}

// The supervisor has read it without a mistake.
void Service::takeSitePolicy(const UniqueFd& sealedText) {
  const auto text = SealedMapping::map(sealedText.get());
  auto policy = text ? policy::parseSitePolicy(text->text()) : text.error();
  if (!policy) {
    log_.error("audit: supervisor sitePolicy: refused: " + policy.error().message);
    leave();
    return;
  }
  site_ = std::move(policy).value();
}

void Service::openNotebook(Duration silence, const UniqueFd& memory) {
  Result<Notebook> notebook = Notebook::open(memory.get());
  if (!notebook) {
    log_.error("a crash of privd would be forgotten: " + notebook.error().message);
    return;
  }
  broker_.remember(std::move(notebook).value(), EventLoop::now() - silence);
}

void Service::attach(schema::ControlRequest::Peer peer, UniqueFd channel) {
  if (peer == schema::ControlRequest::Peer::WATCHD) {
    grantProcessMonitor(Channel(std::move(channel)));
    return;
  }
  if (peer == schema::ControlRequest::Peer::CHECKD) {
    checkd_.attach(std::move(channel));
    return;
  }
  if (peer != schema::ControlRequest::Peer::VRRPD) {
    log_.error("audit: supervisor attach: refused: this peer does not talk to privd");
    return;
  }
  hearOutVrrpd();
  dropVrrpd();
  vrrpd_ = Channel(std::move(channel));
  if (broker_.state() == policy::BrokerState::kRunning) {
    watchVrrpd();
  }
}

// Of watchd nothing is read: what it gets is a matter of the configuration alone.
void Service::grantProcessMonitor(Channel watchd) {
  if (processMonitors_.empty()) {
    return;
  }
  auto monitor = openProcessMonitor(processMonitors_.rbegin()->second);
  MessageBuffer<schema::WatchGrant> message;
  if (!monitor) {
    message.root().setResult(static_cast<std::uint32_t>(monitor.error().code));
    static_cast<void>(watchd.send(message));
  } else {
    static_cast<void>(watchd.send(message, monitor->get()));
  }
  log_.extraDetail("audit: watchd gets the process connector: " +
                   (monitor ? std::string("done") : monitor.error().message));
}

void Service::start() {
  broker_.start(EventLoop::now());
  if (Status started = checkd_.balancer().start(control_.isStart()); !started) {
    log_.error("IPVS: " + started.error().message);
    leave();
    return;
  }
  watchVrrpd();
  checkd_.start();
  control_.ready();
  settle();
}

void Service::watchVrrpd() {
  if (!vrrpd_.open()) {
    return;
  }
  if (Status watched = loop_.addReader(vrrpd_.fd(), Turn::kBroker, [this] { readVrrpd(); });
      !watched) {
    log_.error("cannot listen to vrrpd: " + watched.error().message);
    dropVrrpd();
  }
}

// The supervisor can have attached the next vrrpd before the last words of this one were read, such
// as the state that it noted.
void Service::hearOutVrrpd() {
  Received received;
  bool heard = broker_.state() == policy::BrokerState::kRunning;
  for (int i = 0; i < kLastRequests && heard && vrrpd_.open(); ++i) {
    vrrpd_.receive(received);
    heard = received.kind == Received::Kind::kMessage &&
            broker_.serveVrrpd(received.segment(), received.fd.valid(), EventLoop::now());
  }
}

// The end of vrrpd's channel: what it holds stays as it is, since it will be started again.
void Service::dropVrrpd() {
  flushTimer_.disarm();
  if (vrrpd_.open()) {
    loop_.removeReader(vrrpd_.fd());
    vrrpd_.close();
    broker_.vrrpdLost(EventLoop::now());
  }
}

void Service::readVrrpd() {
  Received received;
  const TimePoint start = EventLoop::now();
  for (int i = 0; i < kRequestsInATurn && vrrpd_.open() && EventLoop::now() - start < kTurn; ++i) {
    vrrpd_.receive(received);
    if (received.kind == Received::Kind::kWouldBlock) {
      break;
    }
    const bool ended = received.kind == Received::Kind::kEndOfFile;
    if (received.kind == Received::Kind::kMessage &&
        broker_.serveVrrpd(received.segment(), received.fd.valid(), EventLoop::now())) {
      continue;
    }
    if (received.kind == Received::Kind::kMalformed) {
      log_.warning("audit: vrrpd refused: a malformed datagram");
    }
    dropVrrpd();
    if (broker_.state() == policy::BrokerState::kLeaving) {
      finish();
      return;
    }
    if (!ended) {
      control_.misbehaved(schema::ControlRequest::Peer::VRRPD);
    }
  }
  settle();
}

SendOutcome Service::send(const Event& event, int borrowedFd) {
  MessageBuffer<schema::BrokerEvent> message;
  event.write(message.root());
  const SendOutcome outcome =
      borrowedFd < 0 ? vrrpd_.send(message) : vrrpd_.send(message, borrowedFd);
  if (outcome == SendOutcome::kFull && !flushTimer_.armed()) {
    flushTimer_.arm(EventLoop::now() + kFlushPatience);
  }
  return outcome;
}

void Service::flushOutbox() {
  // A full socket arms the timer again, in send().
  static_cast<void>(broker_.flush());
}

void Service::readNews() {
  const auto outcome = news_.read([this](const NetlinkMessage& message) {
    broker_.news(message);
    checkd_.balancer().news(message);
  });
  if (outcome == NetlinkNews::Outcome::kOverrun) {
    broker_.overrun();
    checkd_.balancer().overrun();
  }
  settle();
}

void Service::settle() {
  if (!finished_) {
    const TimePoint now = EventLoop::now();
    settleTimer_.arm(std::min(broker_.settle(now), checkd_.balancer().settle(now)));
  }
}

void Service::settleSoon() {
  if (!finished_) {
    settleTimer_.arm(EventLoop::now());
  }
}

void Service::leave() {
  if (broker_.state() == policy::BrokerState::kLeaving) {
    return;
  }
  const bool running = broker_.state() == policy::BrokerState::kRunning;
  broker_.beginLeaving();
  checkd_.balancer().release();
  if (!running || !vrrpd_.open()) {
    finish();
    return;
  }
  leaveTimer_.arm(EventLoop::now() + kLeaveTimeout);
}

void Service::finish() {
  if (std::exchange(finished_, true)) {
    return;
  }
  settleTimer_.disarm();
  leaveTimer_.disarm();
  broker_.releaseEverything();
  control_.stopped();
  loop_.stop();
}

}  // namespace holdfast::privd
