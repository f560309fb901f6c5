// An IPVS for the broker's tests and its fuzzer: it remembers, and refuses what it is told to.
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "privd/broker/ipvs/kernel.h"

namespace holdfast::privd::ipvs {

class FakeIpvs final : public IpvsKernel {
 public:
  struct Entry {
    ServiceOptions options;
    std::map<DestinationKey, DestinationOptions> destinations;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Content = std::map<ServiceKey, Entry>;

  std::vector<int> change(std::span<const Operation> operations) override {
    std::vector<int> results;
    for (const Operation& operation : operations) {
      order.push_back(operation);
      results.push_back(refuses && refuses(operation) ? EPERM : carryOut(operation));
    }
    return results;
  }
  Result<std::vector<Service>> services() override {
    ++lists;
    if (isBroken) {
      return Error{"list", ENOBUFS};
    }
    std::vector<Service> found;
    for (const auto& [key, entry] : content) {
      found.push_back({key, entry.options, {}});
    }
    return found;
  }
  Result<Service> service(const ServiceKey& key) override {
    const auto found = content.find(key);
    if (isBroken || found == content.end()) {
      return Error{"service", isBroken ? ENOBUFS : ESRCH};
    }
    return Service{key, found->second.options, statistics};
  }
  Result<std::vector<Destination>> destinations(const ServiceKey& key) override {
    const auto found = content.find(key);
    if (isBroken) {
      return Error{"destinations", ENOBUFS};
    }
    std::vector<Destination> destinations;
    if (found != content.end()) {
      for (const auto& [destination, options] : found->second.destinations) {
        destinations.push_back({destination, options, 1, 2, 3, statistics});
      }
    }
    return destinations;
  }
  Status flush() override {
    ++flushes;
    content.clear();
    return success();
  }
  Status setTimeouts(const Timeouts& wanted) override {
    timeouts = wanted;
    return success();
  }
  Result<std::vector<RunningDaemon>> daemons() override {
    std::vector<RunningDaemon> found;
    for (const auto& [role, daemon] : running) {
      found.push_back({role, daemon.interface, daemon.syncId});
    }
    return found;
  }
  Status startDaemon(const SyncDaemon& daemon, Role role) override {
    if (daemonError != 0) {
      return Error{"daemon", daemonError};
    }
    if (!running.emplace(role, daemon).second) {
      return Error{"daemon", EEXIST};
    }
    ++daemonsStarted;
    return success();
  }
  Status stopDaemon(Role role) override {
    return running.erase(role) != 0 ? success() : Status(Error{"daemon", ESRCH});
  }

  Content content;
  std::vector<Operation> order;  // everything that was asked for
  std::function<bool(const Operation& operation)> refuses;
  bool isBroken = false;  // nothing can be read
  unsigned lists = 0;
  unsigned flushes = 0;
  std::optional<Timeouts> timeouts;
  std::map<Role, SyncDaemon> running;
  int daemonError = 0;
  unsigned daemonsStarted = 0;
  Statistics statistics;

 private:
  int carryOut(const Operation& operation) {
    using Kind = Operation::Kind;
    const auto found = content.find(operation.service);
    if (operation.kind == Kind::kAddService) {
      return content.try_emplace(operation.service, Entry{operation.serviceOptions, {}}).second
                 ? 0
                 : EEXIST;
    }
    if (found == content.end()) {
      return ESRCH;
    }
    auto& destinations = found->second.destinations;
    switch (operation.kind) {
      case Kind::kAddService:
        break;
      case Kind::kSetService:
        found->second.options = operation.serviceOptions;
        break;
      case Kind::kRemoveService:
        content.erase(found);
        break;
      case Kind::kAddDestination:
        return destinations.try_emplace(operation.destination, operation.destinationOptions).second
                   ? 0
                   : EEXIST;
      case Kind::kSetDestination:
        if (!destinations.contains(operation.destination)) {
          return ENOENT;
        }
        destinations[operation.destination] = operation.destinationOptions;
        break;
      case Kind::kRemoveDestination:
        return destinations.erase(operation.destination) != 0 ? 0 : ENOENT;
    }
    return 0;
  }
};

}  // namespace holdfast::privd::ipvs
