// What the kernel has of the services of ours, as it was read and as it answered since. IPVS tells
// nobody of its changes, so that this can be wrong after somebody else's: an operation that fails
// has its service read again. Owned by the Table.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "ipc/result.h"
#include "privd/broker/ipvs/kernel.h"

namespace holdfast::privd::ipvs {

struct KnownDestination {
  DestinationOptions options;
  bool isOurs = false;  // a configuration that is or was in force names it
};

struct KnownService {
  enum class Read : std::uint8_t { kNothing, kOptions, kEverything };
  Read read = Read::kNothing;
  bool isOurs = false;                    // as above
  std::optional<ServiceOptions> options;  // none: it is not there
  std::map<DestinationKey, KnownDestination> destinations;
};

class Mirror {
 public:
  explicit Mirror(IpvsKernel& kernel) : kernel_(kernel) {}

  // Reads the list of services.
  [[nodiscard]] Status list();
  // Reads the list again, and says which of those that were there have gone.
  [[nodiscard]] Result<std::vector<ServiceKey>> compare();
  // The service with its destinations; they are read where that has not been done.
  [[nodiscard]] Result<KnownService*> know(const ServiceKey& key);
  // One errno value for each operation on the service. After an error it is read again.
  [[nodiscard]] std::vector<int> change(KnownService& service,
                                        std::span<const Operation> operations);
  void doubt(const ServiceKey& key) { services_[key].read = KnownService::Read::kNothing; }
  void forget(const ServiceKey& key) { services_.erase(key); }
  void forgetAll() { services_.clear(); }

  [[nodiscard]] const std::map<ServiceKey, KnownService>& services() const { return services_; }

 private:
  [[nodiscard]] Status readOptions(const ServiceKey& key, KnownService& service);
  [[nodiscard]] Status readDestinations(const ServiceKey& key, KnownService& service);

  IpvsKernel& kernel_;
  std::map<ServiceKey, KnownService> services_;
  bool isListed_ = false;  // what is not among the services is not in the kernel
};

}  // namespace holdfast::privd::ipvs
