#include "privd/broker/ipvs/statistics_reader.h"

#include <algorithm>

namespace holdfast::privd::ipvs {
namespace {

constexpr int kServicesInATurn = 16;

}  // namespace

void StatisticsReader::ask(Generation generation, std::uint32_t virtualServer) {
  const Asked asked{generation, virtualServer};
  if (std::ranges::find(asked_, asked) == asked_.end()) {
    asked_.push_back(asked);
  }
}

void StatisticsReader::forget(Generation generation) {
  if (!asked_.empty() && asked_.front().first == generation) {
    events_.clear();
  }
  std::erase_if(asked_, [&](const Asked& asked) { return asked.first == generation; });
}

void StatisticsReader::clear() {
  asked_.clear();
  events_.clear();
}

void StatisticsReader::begin(const Wishes& wishes) {
  const auto [generation, virtualServer] = asked_.front();
  const std::size_t servers = wishes.config().virtualServers[virtualServer].destinations.size();
  for (std::size_t i = 0; i <= servers; ++i) {
    Event event;
    event.kind = Event::Kind::STATISTICS;
    event.generation = generation;
    event.virtualServer = virtualServer;
    event.realServer = i == servers ? Event::kWhole : static_cast<std::uint32_t>(i);
    events_.push_back(event);
  }
  range_ = 0;
  next_ = 0;
}

bool StatisticsReader::work(const std::function<const Wishes*(Generation generation)>& find) {
  for (int i = 0; i < kServicesInATurn && !asked_.empty(); ++i) {
    const Wishes& wishes = *find(asked_.front().first);
    if (events_.empty()) {
      begin(wishes);
    }
    const auto& services = wishes.config().virtualServers[asked_.front().second].services;
    if (range_ == services.size()) {
      finish();
      continue;
    }
    read(wishes, services[range_].at(next_));
    if (++next_ == services[range_].count) {
      next_ = 0;
      ++range_;
    }
  }
  return !asked_.empty();
}

// What is not there counts as nothing.
void StatisticsReader::read(const Wishes& wishes, const ServiceKey& key) {
  if (const Result<Service> service = kernel_.service(key)) {
    events_.back().statistics += service->statistics;
  }
  const Result<std::vector<Destination>> destinations = kernel_.destinations(key);
  if (!destinations) {
    return;
  }
  const auto wanted = wishes.destinationsOf(key, asked_.front().second);
  for (const Destination& destination : *destinations) {
    const auto found = wanted.find(destination.key);
    if (found == wanted.end() || found->second.server.isSorry) {
      continue;
    }
    Event& event = events_[found->second.server.realServer];
    event.activeConnections += destination.activeConnections;
    event.inactiveConnections += destination.inactiveConnections;
    event.persistentConnections += destination.persistentConnections;
    event.statistics += destination.statistics;
  }
}

void StatisticsReader::finish() {
  asked_.pop_front();
  for (const Event& event : std::exchange(events_, {})) {
    post_(event);
  }
}

}  // namespace holdfast::privd::ipvs
