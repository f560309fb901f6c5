#include "privd/broker/ipvs/balancer.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast::privd::ipvs {

Balancer::Parts::Parts(std::unique_ptr<IpvsKernel> kernel, Log& log, Table::Refused refused,
                       StatisticsReader::Post post)
    : ipvs(std::move(kernel)),
      table(*ipvs, log, std::move(refused)),
      syncDaemons(*ipvs, log),
      statistics(*ipvs, std::move(post)) {}

Balancer::Balancer(Edge& edge, Log& log, Port& port, IsMaster isMaster)
    : edge_(edge),
      log_(log),
      port_(port),
      isMaster_(std::move(isMaster)),
      queue_([this](const Event& event) { return transmit(event); }),
      marks_(edge, log) {}

Status Balancer::prepare() {
  if (parts_) {
    return success();
  }
  Result<std::unique_ptr<IpvsKernel>> ipvs = edge_.openIpvs();
  if (!ipvs) {
    return Error{"IPVS: Can't initialize ipvs: " + ipvs.error().message, ipvs.error().code};
  }
  const auto refused = [this](Generation generation, const ServerId& server, int error) {
    Event event;
    event.kind = Event::Kind::REFUSED;
    event.generation = generation;
    event.virtualServer = server.virtualServer;
    event.realServer = server.realServer;
    event.isSorry = server.isSorry;
    event.result = static_cast<std::uint32_t>(error);
    if (watching_ == generation) {
      post(event);
    }
  };
  parts_.emplace(std::move(ipvs).value(), log_, refused,
                 [this](const Event& event) { post(event); });
  return success();
}

const Wishes* Balancer::find(Generation generation) const {
  return parts_ ? parts_->table.find(generation) : nullptr;
}

void Balancer::load(Generation generation, Configuration config) {
  const bool watches = std::ranges::any_of(
      config.virtualServers, [](const VirtualServer& server) { return !server.watched.empty(); });
  parts_->table.load(generation, std::move(config));
  if (watches && !std::exchange(watchesAddresses_, true)) {
    readAddresses();
  }
  // The first one with virtual servers can come with a reload.
  if (isRunning_ && !parts_->table.isStarted()) {
    if (Status started = parts_->table.start(false); !started) {
      log_.error("IPVS: " + started.error().message);
    }
  }
}

Status Balancer::start(bool isFirst) {
  isRunning_ = true;
  return parts_ ? parts_->table.start(isFirst) : success();
}

void Balancer::retire(Generation generation) {
  if (find(generation) == nullptr) {
    return;
  }
  parts_->statistics.forget(generation);
  parts_->table.retire(generation);
  if (watching_ == generation) {
    watching_.reset();
  }
  lastRetired_ = generation;
}

void Balancer::release() {
  isRunning_ = false;
  marks_.remove();
  if (parts_) {
    parts_->syncDaemons.stopAll();
    parts_->table.release();
  }
}

void Balancer::checkdChanged() {
  queue_.clear();
  watching_.reset();
  if (parts_) {
    parts_->statistics.clear();
  }
}

void Balancer::news(const NetlinkMessage& message) {
  if (watchesAddresses_ && addresses_.news(message)) {
    areAddressesSuspect_ = true;
  }
}

void Balancer::overrun() {
  if (watchesAddresses_) {
    readAddresses();
  }
}

void Balancer::readAddresses() {
  const Result<LinkSnapshot> snapshot = edge_.snapshot();
  if (!snapshot) {
    log_.error("cannot read the addresses: " + snapshot.error().message);
    return;
  }
  addresses_.replaceAll(*snapshot);
  areAddressesSuspect_ = true;
}

void Balancer::tellAddresses() {
  const Wishes* wishes = watching_ ? find(*watching_) : nullptr;
  if (!std::exchange(areAddressesSuspect_, false) || wishes == nullptr) {
    return;
  }
  const auto& servers = wishes->config().virtualServers;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    if (servers[i].watched.empty()) {
      continue;
    }
    const bool isThere = std::ranges::any_of(servers[i].watched, [this](const AddressRange& range) {
      return addresses_.hasOneOf(range.first, range.last);
    });
    const auto [told, isNew] = told_.try_emplace(i, isThere);
    if (isNew || std::exchange(told->second, isThere) != isThere) {
      Event event;
      event.kind = Event::Kind::ADDRESS;
      event.generation = *watching_;
      event.virtualServer = i;
      event.result = isThere ? 0 : EADDRNOTAVAIL;
      post(event);
    }
  }
}

// What is of the whole configuration follows the one in force.
void Balancer::followForce() {
  const std::optional<Generation> generation = parts_->table.generationInForce();
  if (!generation) {
    parts_->syncDaemons.want(std::nullopt, false);
    marks_.want({}, {});
    return;
  }
  const Configuration& config = parts_->table.find(*generation)->config();
  const auto& daemon = config.syncDaemon;
  parts_->syncDaemons.want(daemon,
                           daemon && daemon->instance && isMaster_(*generation, *daemon->instance));
  if (std::exchange(followed_, generation) == generation) {
    return;
  }
  marks_.want(config.marksTable, config.marks);
  if (config.timeouts) {
    if (Status set = parts_->ipvs->setTimeouts(*config.timeouts); !set) {
      log_.error("IPVS: " + set.error().message);
    }
  }
}

TimePoint Balancer::settle(TimePoint now) {
  if (!parts_) {
    return kNever;
  }
  tellAddresses();
  TimePoint wake = parts_->table.work(now);
  if (parts_->table.isStarted()) {
    followForce();
    wake = std::min({wake, parts_->syncDaemons.work(now), marks_.work(now)});
  }
  const bool more =
      parts_->statistics.work([this](Generation generation) { return find(generation); });
  return more ? now : wake;
}

}  // namespace holdfast::privd::ipvs
