#include "privd/broker/ipvs/table.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace holdfast::privd::ipvs {
namespace {

using Kind = Operation::Kind;

constexpr std::size_t kOperationsInATurn = 256;
constexpr Duration kFirstPatience = std::chrono::seconds(1);
constexpr Duration kMostPatience = std::chrono::seconds(60);
constexpr Duration kBetweenComparisons = std::chrono::seconds(30);

bool isOfService(Kind kind) {
  return kind == Kind::kAddService || kind == Kind::kSetService || kind == Kind::kRemoveService;
}

const char* describe(Kind kind) {
  switch (kind) {
    case Kind::kAddService:
      return "adding it";
    case Kind::kSetService:
      return "changing it";
    case Kind::kRemoveService:
      return "removing it";
    case Kind::kAddDestination:
      return "adding ";
    case Kind::kSetDestination:
      return "changing ";
    case Kind::kRemoveDestination:
      return "removing ";
  }
  return "";
}

std::string textOf(const Operation& operation) {
  return ipvs::textOf(operation.service) + ": " + describe(operation.kind) +
         (isOfService(operation.kind) ? std::string() : ipvs::textOf(operation.destination));
}

}  // namespace

Table::Table(IpvsKernel& kernel, Log& log, Refused refused)
    : kernel_(kernel), log_(log), refused_(std::move(refused)), mirror_(kernel) {}

void Table::load(Generation generation, Configuration config) {
  wishes_.try_emplace(generation, std::move(config));
}

const Wishes* Table::find(Generation generation) const {
  const auto found = wishes_.find(generation);
  return found == wishes_.end() ? nullptr : &found->second;
}

Status Table::start(bool isFirst) {
  if (isFirst && !wishes_.empty() && wishes_.begin()->second.config().flushAtStart) {
    if (Status flushed = kernel_.flush(); !flushed) {
      return flushed;
    }
  }
  if (Status listed = mirror_.list(); !listed) {
    return listed;
  }
  isStarted_ = true;
  if (!wishes_.empty()) {
    putInForce(wishes_.begin()->first);
  }
  return success();
}

void Table::putInForce(Generation generation) {
  if (inForce_ && *inForce_ != generation && wishes_.contains(*inForce_)) {
    suspectAll(*inForce_);
  }
  inForce_ = generation;
  served_.insert(generation);
  suspectAll(generation);
}

void Table::retire(Generation generation) {
  const auto found = wishes_.find(generation);
  if (found == wishes_.end()) {
    return;
  }
  suspectAll(generation);
  wishes_.erase(found);
  served_.erase(generation);
  if (inForce_ == generation) {
    inForce_.reset();
  }
  if (isStarted_ && !inForce_ && !wishes_.empty()) {
    putInForce(served_.empty() ? wishes_.rbegin()->first : *served_.rbegin());
  }
}

void Table::hello(Generation generation) {
  wishes_.at(generation).beginNaming();
}

void Table::say(Generation generation, const ServerId& server,
                std::optional<std::uint16_t> weight) {
  wishes_.at(generation).say(server, weight);
  if (served_.contains(generation)) {
    suspect(generation, server.virtualServer);
  }
}

void Table::complete(Generation generation) {
  wishes_.at(generation).endNaming();
  if (!isStarted_) {
    return;
  }
  if (!inForce_ || *inForce_ < generation) {
    putInForce(generation);
  } else {
    suspectAll(generation);
  }
}

void Table::suspectAll(Generation generation) {
  for (const auto& [key, virtualServer] : wishes_.at(generation).services()) {
    suspects_.insert(key);
  }
}

void Table::suspect(Generation generation, std::uint32_t virtualServer) {
  for (const ServiceRange& range :
       wishes_.at(generation).config().virtualServers[virtualServer].services) {
    for (std::uint32_t i = 0; i < range.count; ++i) {
      suspects_.insert(range.at(i));
    }
  }
}

std::optional<Table::Wanted> Table::wanted(const ServiceKey& key) const {
  const auto in = [&](Generation generation) -> std::optional<Wanted> {
    const Wishes& wishes = wishes_.at(generation);
    const auto virtualServer = wishes.find(key);
    return virtualServer ? std::optional(Wanted{generation, &wishes, *virtualServer})
                         : std::nullopt;
  };
  std::optional<Wanted> found = inForce_ ? in(*inForce_) : std::nullopt;
  for (auto generation = served_.rbegin(); !found && generation != served_.rend(); ++generation) {
    found = in(*generation);
  }
  return found;
}

TimePoint Table::work(TimePoint now) {
  if (!isStarted_) {
    return kNever;
  }
  for (const auto& [key, trouble] : troubles_) {
    if (trouble.next <= now) {
      suspects_.insert(key);
    }
  }
  compare(now);
  operations_ = 0;
  // One that fails is tried again in another turn.
  std::set<ServiceKey> suspects = std::exchange(suspects_, {});
  while (!suspects.empty() && operations_ < kOperationsInATurn) {
    settle(suspects.extract(suspects.begin()).value(), now);
  }
  suspects_.merge(suspects);
  return suspects_.empty() ? nextWork() : now;
}

TimePoint Table::nextWork() const {
  TimePoint wake = mirror_.services().empty() ? kNever : nextCompare_;
  for (const auto& [key, trouble] : troubles_) {
    wake = std::min(wake, trouble.next);
  }
  return wake;
}

void Table::settle(const ServiceKey& key, TimePoint now) {
  const auto trouble = troubles_.find(key);
  if (trouble != troubles_.end() && trouble->second.next > now) {
    return;
  }
  ++operations_;
  const Result<KnownService*> known = mirror_.know(key);
  if (!known) {
    failed(key, known.error(), now);
    return;
  }
  const std::optional<Wanted> wish = wanted(key);
  const std::vector<Operation> operations = changesFor(key, wish, **known);
  operations_ += operations.size();
  const std::vector<int> results = mirror_.change(**known, operations);
  if (std::ranges::any_of(results, [](int error) { return error != 0; })) {
    failed(key, wish, operations, results, now);
    return;
  }
  if (trouble != troubles_.end()) {
    if (trouble->second.isTold) {
      log_.info("IPVS " + ipvs::textOf(key) + ": as it is to be, at last");
    }
    troubles_.erase(trouble);
  }
  if (log_.wantsExtraDetail()) {
    for (const Operation& operation : operations) {
      log_.extraDetail("audit: IPVS " + textOf(operation) + ": done");
    }
  }
  if (!wish) {
    mirror_.forget(key);
  }
}

std::vector<Operation> Table::changesFor(const ServiceKey& key, const std::optional<Wanted>& wanted,
                                         KnownService& known) const {
  std::vector<Operation> operations;
  if (!wanted) {
    if (known.isOurs && known.options) {
      operations.push_back({.kind = Kind::kRemoveService, .service = key});
    }
    return operations;
  }
  known.isOurs = true;
  const ServiceOptions options = wanted->wishes->optionsOf(key, wanted->virtualServer);
  if (known.options != options) {
    operations.push_back({.kind = known.options ? Kind::kSetService : Kind::kAddService,
                          .service = key,
                          .serviceOptions = options});
  }
  addDestinationChanges(key, *wanted, known, operations);
  return operations;
}

// What comes is put before what goes is removed, so that there is always somebody to serve.
void Table::addDestinationChanges(const ServiceKey& key, const Wanted& wanted, KnownService& known,
                                  std::vector<Operation>& operations) const {
  const auto wishes = wanted.wishes->destinationsOf(key, wanted.virtualServer);
  std::vector<Operation> removals;
  for (const auto& [destination, wish] : wishes) {
    const auto there = known.destinations.find(destination);
    const bool isThere = there != known.destinations.end();
    if (isThere) {
      there->second.isOurs = true;
    }
    if (wish.word == Wish::Word::kOut && isThere) {
      removals.push_back(
          {.kind = Kind::kRemoveDestination, .service = key, .destination = destination});
    } else if (wish.word == Wish::Word::kIn &&
               (!isThere || there->second.options != wish.options)) {
      operations.push_back({.kind = isThere ? Kind::kSetDestination : Kind::kAddDestination,
                            .service = key,
                            .destination = destination,
                            .destinationOptions = wish.options});
    }
  }
  // Of an earlier configuration.
  for (const auto& [destination, there] : known.destinations) {
    if (there.isOurs && !wishes.contains(destination)) {
      removals.push_back(
          {.kind = Kind::kRemoveDestination, .service = key, .destination = destination});
    }
  }
  std::ranges::move(removals, std::back_inserter(operations));
}

bool Table::note(const ServiceKey& key, TimePoint now) {
  const auto [place, isNew] = troubles_.try_emplace(key);
  Trouble& trouble = place->second;
  if (isNew) {
    // It is read again and tried again at once: somebody else may have changed it.
    trouble = {now, kFirstPatience, false};
    return false;
  }
  trouble.next = now + trouble.patience;
  trouble.patience = std::min(2 * trouble.patience, kMostPatience);
  return !std::exchange(trouble.isTold, true);
}

void Table::failed(const ServiceKey& key, const Error& error, TimePoint now) {
  mirror_.doubt(key);
  if (note(key, now)) {
    log_.error("IPVS " + ipvs::textOf(key) + ": cannot be read: " + error.message);
  }
}

void Table::failed(const ServiceKey& key, const std::optional<Wanted>& wanted,
                   const std::vector<Operation>& operations, const std::vector<int>& results,
                   TimePoint now) {
  if (!note(key, now)) {
    return;
  }
  const auto wishes = wanted ? wanted->wishes->destinationsOf(key, wanted->virtualServer)
                             : std::map<DestinationKey, Wish>();
  int ofService = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (results[i] == 0) {
      continue;
    }
    // Without its service no destination can be.
    const int error = ofService != 0 ? ofService : results[i];
    if (ofService == 0) {
      log_.error("IPVS " + textOf(operations[i]) + ": " + std::strerror(error));
    }
    if (isOfService(operations[i].kind)) {
      ofService = error;
    } else if (const auto wish = wishes.find(operations[i].destination); wish != wishes.end()) {
      refused_(wanted->generation, wish->second.server, error);
    }
  }
}

// IPVS tells nobody of its changes. A service that somebody else has removed comes back; what
// somebody else has changed in one, such as the weight of a server that is drained by hand, is left
// alone until it is to be changed again.
void Table::compare(TimePoint now) {
  if (now < nextCompare_) {
    return;
  }
  const bool isFirst = nextCompare_ == TimePoint{};
  nextCompare_ = now + kBetweenComparisons;
  if (isFirst || mirror_.services().empty()) {
    return;
  }
  const Result<std::vector<ServiceKey>> gone = mirror_.compare();
  if (!gone) {
    log_.warning("IPVS cannot be read: " + gone.error().message);
    return;
  }
  if (!gone->empty()) {
    suspects_.insert(gone->begin(), gone->end());
    log_.warning("IPVS: somebody else removed " + std::to_string(gone->size()) +
                 " virtual services, among them " + ipvs::textOf(gone->front()) +
                 ": they come back");
  }
}

void Table::release() {
  if (!isStarted_) {
    return;
  }
  isStarted_ = false;
  if (inForce_ && wishes_.at(*inForce_).config().flushAtStop == Flush::kEverything) {
    if (Status flushed = kernel_.flush(); !flushed) {
      log_.error("IPVS: " + flushed.error().message);
    }
    return;
  }
  std::vector<Operation> removals;
  for (const auto& [key, known] : mirror_.services()) {
    if (known.options && (known.isOurs || wanted(key))) {
      removals.push_back({.kind = Kind::kRemoveService, .service = key});
    }
  }
  const std::vector<int> results = kernel_.change(removals);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] != 0 && results[i] != ESRCH) {
      log_.error("IPVS " + textOf(removals[i]) + ": " + std::strerror(results[i]));
    }
  }
}

}  // namespace holdfast::privd::ipvs
