#include "privd/broker/ipvs/mirror.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace holdfast::privd::ipvs {
namespace {

void apply(KnownService& service, const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::kAddService:
    case Operation::Kind::kSetService:
      service.options = operation.serviceOptions;
      break;
    case Operation::Kind::kRemoveService:
      service.options.reset();
      service.destinations.clear();
      break;
    case Operation::Kind::kAddDestination:
    case Operation::Kind::kSetDestination:
      service.destinations[operation.destination] = {operation.destinationOptions, true};
      break;
    case Operation::Kind::kRemoveDestination:
      service.destinations.erase(operation.destination);
      break;
  }
}

}  // namespace

Status Mirror::list() {
  Result<std::vector<Service>> found = kernel_.services();
  if (!found) {
    return found.error();
  }
  services_.clear();
  for (Service& service : *found) {
    KnownService& known = services_[service.key];
    known.options = std::move(service.options);
    known.read = KnownService::Read::kOptions;
  }
  isListed_ = true;
  return success();
}

Result<std::vector<ServiceKey>> Mirror::compare() {
  const Result<std::vector<Service>> found = kernel_.services();
  if (!found) {
    return found.error();
  }
  std::set<ServiceKey> there;
  for (const Service& service : *found) {
    there.insert(service.key);
  }
  std::vector<ServiceKey> gone;
  for (auto& [key, service] : services_) {
    if (service.isOurs && service.options && !there.contains(key)) {
      service.options.reset();
      service.destinations.clear();
      service.read = KnownService::Read::kEverything;
      gone.push_back(key);
    }
  }
  return gone;
}

Status Mirror::readOptions(const ServiceKey& key, KnownService& service) {
  Result<Service> found = kernel_.service(key);
  if (found) {
    service.options = std::move(found->options);
    service.read = KnownService::Read::kOptions;
    return success();
  }
  if (found.error().code != ESRCH) {
    return found.error();
  }
  service.options.reset();
  service.destinations.clear();
  service.read = KnownService::Read::kEverything;
  return success();
}

Status Mirror::readDestinations(const ServiceKey& key, KnownService& service) {
  const Result<std::vector<Destination>> found = kernel_.destinations(key);
  if (!found) {
    return found.error();
  }
  std::map<DestinationKey, KnownDestination> destinations;
  for (const Destination& destination : *found) {
    const auto before = service.destinations.find(destination.key);
    destinations[destination.key] = {destination.options,
                                     before != service.destinations.end() && before->second.isOurs};
  }
  service.destinations = std::move(destinations);
  service.read = KnownService::Read::kEverything;
  return success();
}

Result<KnownService*> Mirror::know(const ServiceKey& key) {
  const auto [place, isNew] = services_.try_emplace(key);
  KnownService& service = place->second;
  if (isNew && isListed_) {
    service.read = KnownService::Read::kEverything;
  }
  Status status = success();
  if (service.read == KnownService::Read::kNothing) {
    status = readOptions(key, service);
  }
  if (status && service.read == KnownService::Read::kOptions) {
    status = readDestinations(key, service);
  }
  return status ? Result<KnownService*>(&service) : status.error();
}

std::vector<int> Mirror::change(KnownService& service, std::span<const Operation> operations) {
  std::vector<int> results = kernel_.change(operations);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (results[i] == 0) {
      apply(service, operations[i]);
    } else {
      service.read = KnownService::Read::kNothing;
    }
  }
  return results;
}

}  // namespace holdfast::privd::ipvs
