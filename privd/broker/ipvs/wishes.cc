#include "privd/broker/ipvs/wishes.h"

#include <algorithm>

namespace holdfast::privd::ipvs {

Wishes::Wishes(Configuration config) : config_(std::move(config)) {
  for (std::uint32_t i = 0; i < config_.virtualServers.size(); ++i) {
    const VirtualServer& server = config_.virtualServers[i];
    for (const ServiceRange& range : server.services) {
      for (std::uint32_t j = 0; j < range.count; ++j) {
        services_.emplace_back(range.at(j), i);
      }
    }
    said_.push_back({std::vector<Said>(server.destinations.size()), {}});
  }
  std::ranges::sort(services_);
  const auto isSame = [](const auto& one, const auto& other) { return one.first == other.first; };
  services_.erase(std::unique(services_.begin(), services_.end(), isSame), services_.end());
}

bool Wishes::has(const ServerId& server) const {
  if (server.virtualServer >= config_.virtualServers.size()) {
    return false;
  }
  const VirtualServer& found = config_.virtualServers[server.virtualServer];
  return server.isSorry ? found.sorryServer.has_value()
                        : server.realServer < found.destinations.size();
}

Wishes::Said& Wishes::saidOf(const ServerId& server) {
  SaidOfServer& said = said_[server.virtualServer];
  return server.isSorry ? said.sorry : said.realServers[server.realServer];
}

void Wishes::say(const ServerId& server, std::optional<std::uint16_t> weight) {
  saidOf(server) = {weight ? Wish::Word::kIn : Wish::Word::kOut, weight.value_or(std::uint16_t{0}),
                    round_};
}

void Wishes::endNaming() {
  const auto forget = [this](Said& said) {
    if (said.round != round_) {
      said = {Wish::Word::kOut, 0, round_};
    }
  };
  for (SaidOfServer& server : said_) {
    std::ranges::for_each(server.realServers, forget);
    forget(server.sorry);
  }
}

std::optional<std::uint32_t> Wishes::find(const ServiceKey& key) const {
  const auto found =
      std::ranges::lower_bound(services_, key, {}, [](const auto& entry) { return entry.first; });
  return found != services_.end() && found->first == key ? std::optional(found->second)
                                                         : std::nullopt;
}

std::map<DestinationKey, Wish> Wishes::destinationsOf(const ServiceKey& key,
                                                      std::uint32_t virtualServer) const {
  std::map<DestinationKey, Wish> wishes;
  const auto add = [&](const ConfiguredDestination& destination, const Said& said,
                       const ServerId& server) {
    Wish wish{said.word, destination.options, server};
    wish.options.weight = said.weight;
    const auto [place, isNew] = wishes.try_emplace(destination.keyFor(key), wish);
    if (!isNew && place->second.word != Wish::Word::kIn && said.word == Wish::Word::kIn) {
      place->second = wish;
    }
  };
  const VirtualServer& server = config_.virtualServers[virtualServer];
  const SaidOfServer& said = said_[virtualServer];
  for (std::uint32_t i = 0; i < server.destinations.size(); ++i) {
    add(server.destinations[i], said.realServers[i], {virtualServer, i, false});
  }
  if (server.sorryServer) {
    add(*server.sorryServer, said.sorry, {virtualServer, 0, true});
  }
  return wishes;
}

}  // namespace holdfast::privd::ipvs
