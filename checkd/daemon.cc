#include "checkd/daemon.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "checkd/tls_configuration.h"
#include "ipc/answer_load.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

using Peer = schema::ControlRequest::Peer;

// For what is still to be said at the end: scriptds that do not read are not waited for.
constexpr Duration kLastWords = std::chrono::seconds(1);
constexpr Duration kLookAgain = std::chrono::milliseconds(10);

// The settings that are not a check's own.
bool usesTls(const Configuration& configuration) {
  const auto isTls = [](const Checker& checker) {
    const auto* http = std::get_if<HttpCheck>(&checker.check);
    const auto* smtp = std::get_if<SmtpCheck>(&checker.check);
    return http != nullptr   ? http->usesTls && !http->tls
           : smtp != nullptr ? smtp->questions.startTls && !smtp->tls
                             : false;
  };
  return std::ranges::any_of(configuration.virtualServers, [&](const VirtualServer& server) {
    return std::ranges::any_of(server.realServers, [&](const RealServer& real) {
      return std::ranges::any_of(real.checkers, isTls);
    });
  });
}

}  // namespace

Daemon::Daemon(EventLoop& loop, Log& log, UniqueFd control)
    : loop_(loop),
      log_(log),
      control_(
          loop, std::move(control),
          {
              .load = [this](Generation generation,
                             const UniqueFd& sealed) { load(generation, sealed); },
              .attach = [this](Peer peer, std::uint32_t argument,
                               UniqueFd channel) { attach(peer, argument, std::move(channel)); },
              .start = [this] { start(); },
              .stop = [this] { stop(); },
              .retire = nullptr,
              .dump = nullptr,
              .notebook =
                  [this](std::uint32_t, const UniqueFd& memory) {
                    if (Status adopted = memory_.adopt(memory); !adopted) {
                      log_.warning(adopted.error().message);
                    }
                  },
              .fifo = [this](schema::ControlRequest::Fifo fifo, bool,
                             UniqueFd end) { adoptFifo(fifo, std::move(end)); },
              .runService = nullptr,
              .loadIpvs = nullptr,
              .sitePolicy = nullptr,
          }),
      notices_(loop, log, memory_),
      broker_(loop, log,
              {.event = [this](schema::LvsEvent::Reader event,
                               UniqueFd fd) { brokerEvent(event, std::move(fd)); },
               .misbehaved = [this] { control_.misbehaved(Peer::PRIVD); },
               .gone = [this] { sockets_.lost(); }}),
      watch_(loop, log,
             {.file =
                  [this](TrackFileId file, std::int32_t number) {
                    for (const auto& service : services_) {
                      service->setFile(file, number);
                    }
                  },
              .processes = [](TrackProcessId, std::uint32_t, bool) {},
              .misbehaved = [this] { control_.misbehaved(Peer::WATCHD); }}),
      runs_([this](IdentityId identity, std::uint32_t script, std::uint32_t sequence) {
        const auto found = scripts_.find(identity);
        return found != scripts_.end() && found->second->check(script, sequence);
      }),
      sockets_([this](std::uint32_t index) {
        broker_.openCheckSocket(index);
        return broker_.isAttached();
      }),
      lastWordsTimer_(loop, [this](TimePoint, Duration) { lookWhetherAllIsSaid(); }) {}

Status Daemon::run() {
  if (Status watching = watch(); !watching) {
    return watching;
  }
  return loop_.run();
}

void Daemon::load(Generation generation, const UniqueFd& sealed) {
  if (configuration_) {
    giveWay(generation, sealed);
    return;
  }
  answerLoad<schema::CheckerConfig>(
      control_, log_, generation, sealed,
      [this, generation](schema::CheckerConfig::Reader config, std::uint32_t&) {
        return adopt(generation, config);
      });
}

Status Daemon::adopt(Generation generation, schema::CheckerConfig::Reader config) {
  auto read = readConfiguration(config);
  if (!read) {
    return read.error();
  }
  prepareTls(*read, config);
  generation_ = generation;
  broker_.setGeneration(generation);
  watch_.setGeneration(generation);
  configuration_ = std::move(read).value();
  expectScriptds();
  return success();
}

void Daemon::prepareTls(const Configuration& configuration, schema::CheckerConfig::Reader config) {
  if (usesTls(configuration)) {
    auto tls = readTls(config.getTls());
    if (tls) {
      tls_.general = std::move(*tls);
    } else {
      log_.error("SSL_GET cannot be used: " + tls.error().message);
    }
  }
  for (const auto own : config.getTlsClients()) {
    auto tls = readTls(own);
    if (!tls) {
      log_.error("A check cannot use its TLS settings: " + tls.error().message);
    }
    tls_.own.push_back(tls ? std::move(*tls) : nullptr);
  }
}

// A link for each scriptd that the configuration names: nobody else's channel is taken.
void Daemon::expectScriptds() {
  const auto expect = [this](const std::optional<ScriptReference>& script) {
    if (script) {
      static_cast<void>(linkTo(script->identity));
    }
  };
  for (const VirtualServer& server : configuration_->virtualServers) {
    expect(server.quorumUp);
    expect(server.quorumDown);
    for (const RealServer& real : server.realServers) {
      expect(real.notifyUp);
      expect(real.notifyDown);
      for (const Checker& checker : real.checkers) {
        const auto* misc = std::get_if<MiscCheck>(&checker.check);
        if (misc != nullptr && !misc->neverRuns) {
          static_cast<void>(linkTo(misc->identity));
        }
      }
    }
  }
}

ScriptLink& Daemon::linkTo(IdentityId identity) {
  auto& link = scripts_[identity];
  if (!link) {
    link = std::make_unique<ScriptLink>(
        loop_, log_, generation_,
        ScriptLink::Handlers{
            .checked = [this, identity](
                           std::uint32_t script,
                           const ScriptEnd& end) { runs_.ended(identity, script, end); },
            .gone = [this, identity] { runs_.lost(identity); },
            .misbehaved =
                [this, identity] {
                  control_.misbehaved(Peer::SCRIPTD, static_cast<std::uint32_t>(indexOf(identity)));
                }});
  }
  return *link;
}

void Daemon::attach(Peer peer, std::uint32_t argument, UniqueFd channel) {
  if (!configuration_) {
    return;
  }
  if (peer == Peer::PRIVD) {
    broker_.attach(std::move(channel));
    if (isStarted_) {
      sayAll();
    }
  } else if (peer == Peer::SCRIPTD && scripts_.contains(IdentityId{argument})) {
    scripts_[IdentityId{argument}]->attach(std::move(channel));
  } else if (peer == Peer::WATCHD) {
    watch_.attach(std::move(channel));
  }
}

void Daemon::adoptFifo(schema::ControlRequest::Fifo fifo, UniqueFd end) {
  fifos_.emplace_back(fifo, std::move(end));
}

void Daemon::start() {
  if (!configuration_ || std::exchange(isStarted_, true)) {
    return;
  }
  if (configuration_->noSwap && ::mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    log_.warning(systemError("checker_no_swap: mlockall").message);
  }
  makeServices();
  for (auto& [fifo, end] : std::exchange(fifos_, {})) {
    notices_.adopt(fifo, std::move(end));
  }
  broker_.hello();
  const TimePoint now = EventLoop::now();
  for (const auto& service : services_) {
    service->start(now);
  }
  broker_.complete();
  watch_.listen();
  control_.ready();
}

void Daemon::makeServices() {
  std::vector<std::string> keys;
  for (const VirtualServer& server : configuration_->virtualServers) {
    std::ranges::move(Service::keysOf(server), std::back_inserter(keys));
  }
  memory_.begin(keys);
  const Means means{loop_, sockets_, http_, tls_, runs_};
  std::size_t object = 0;
  std::size_t subject = 0;
  for (std::size_t i = 0; i < configuration_->virtualServers.size(); ++i) {
    const VirtualServer& server = configuration_->virtualServers[i];
    std::vector<std::optional<Memory::Entry>> before;
    for (std::size_t own = Service::keysOf(server).size(); before.size() < own;) {
      before.push_back(memory_.before(object + before.size()));
    }
    const auto told = [&before](std::size_t own) {
      return before[own] ? before[own]->told : std::nullopt;
    };
    notices_.add("VS " + server.name, told(0));
    std::size_t own = 1;
    for (const RealServer& real : server.realServers) {
      notices_.add(concat("RS ", real.name, " ", server.name), told(own));
      own += 1 + real.checkers.size();
    }
    services_.push_back(std::make_unique<Service>(means, log_, server,
                                                  configuration_->realServerInitNotifies, before,
                                                  outletsOf(i, object, subject)));
    object += before.size();
    subject += 1 + server.realServers.size();
  }
}

Service::Outlets Daemon::outletsOf(std::size_t server, std::size_t firstObject,
                                   std::size_t firstSubject) {
  return {.place = [this, server](
                       std::size_t real,
                       const Placement& placement) { broker_.place(server, real, placement); },
          .placeSorry =
              [this, server](const Placement& placement) { broker_.placeSorry(server, placement); },
          .countConnections = [this, server] { broker_.readStatistics(server); },
          .run =
              [this, server](const ScriptReference& script) {
                linkTo(script.identity).notify(server, script.notifier);
              },
          .tell = [this, firstSubject](std::size_t subject,
                                       bool isUp) { notices_.tell(firstSubject + subject, isUp); },
          .note = [this, firstObject](
                      std::size_t object,
                      const Memory::Entry& entry) { memory_.note(firstObject + object, entry); }};
}

// privd is new, or a new one: what it has been told before may be lost.
void Daemon::sayAll() {
  broker_.hello();
  for (const auto& service : services_) {
    service->repeat();
  }
  broker_.complete();
}

void Daemon::brokerEvent(schema::LvsEvent::Reader event, UniqueFd fd) {
  const std::size_t server = event.getVirtualServer();
  switch (event.getKind()) {
    case schema::LvsEvent::Kind::ADDRESS:
      if (server < services_.size()) {
        services_[server]->setAddressPresent(event.getResult() == 0, EventLoop::now());
      }
      return;
    case schema::LvsEvent::Kind::SOCKET: {
      const int error = static_cast<int>(event.getResult());
      errno = error;
      sockets_.answered(event.getSocket(),
                        fd ? Result<UniqueFd>(std::move(fd))
                           : Result<UniqueFd>(systemError("privd cannot make its socket")));
      return;
    }
    case schema::LvsEvent::Kind::STATISTICS:
      if (server < services_.size()) {
        services_[server]->setConnections(
            event.getRealServer(),
            std::uint64_t{event.getActiveConnections()} + event.getInactiveConnections());
      }
      return;
    case schema::LvsEvent::Kind::HELLO_END:
    case schema::LvsEvent::Kind::REFUSED:  // privd has said why
      return;
  }
}

// The scripts of what is not in the next configuration are known to the present scriptds alone.
void Daemon::giveWay(Generation generation, const UniqueFd& sealed) {
  std::unordered_set<std::string> keys;
  const Status read = [&]() -> Status {
    const auto config = SealedConfig<schema::CheckerConfig>::map(sealed.get());
    if (!config) {
      return config.error();
    }
    return catchKj("sealed configuration", [&]() -> Status {
      auto next = readConfiguration(config->root());
      if (!next) {
        return next.error();
      }
      for (const VirtualServer& server : next->virtualServers) {
        std::ranges::move(Service::keysOf(server), std::inserter(keys, keys.end()));
      }
      return success();
    });
  }();
  if (!read) {
    control_.loaded(generation, EINVAL);
    return;
  }
  for (const auto& service : services_) {
    service->giveWayTo(keys);
  }
  whenAllIsSaid([this, generation] { control_.loaded(generation, 0); });
}

void Daemon::stop() {
  for (const auto& service : services_) {
    service->end();
  }
  whenAllIsSaid([this] {
    control_.stopped();
    loop_.stop();
  });
}

void Daemon::whenAllIsSaid(std::function<void()> then) {
  afterLastWords_ = std::move(then);
  patience_ = EventLoop::now() + kLastWords;
  lookWhetherAllIsSaid();
}

void Daemon::lookWhetherAllIsSaid() {
  const TimePoint now = EventLoop::now();
  const bool isSaid =
      std::ranges::all_of(scripts_, [](const auto& one) { return one.second->isIdle(); });
  if (!isSaid && now < patience_) {
    lastWordsTimer_.arm(now + kLookAgain);
    return;
  }
  const auto then = std::move(afterLastWords_);
  then();
}

}  // namespace holdfast::checkd
