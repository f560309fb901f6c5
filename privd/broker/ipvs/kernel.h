// The edge to IPVS in the kernel: everything that the broker can make it do, and nothing else.
// LinuxIpvs is the real one; the unit tests and the fuzzers put a fake in its place. Nothing here
// blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ipc/result.h"
#include "privd/broker/ipvs/configuration.h"
#include "privd/broker/ipvs/objects.h"

namespace holdfast::privd::ipvs {

struct Operation {
  enum class Kind : std::uint8_t {
    kAddService,
    kSetService,
    kRemoveService,  // with all its destinations
    kAddDestination,
    kSetDestination,
    kRemoveDestination,
  };
  Kind kind = Kind::kAddService;
  ServiceKey service;
  ServiceOptions serviceOptions;          // of kAddService and kSetService
  DestinationKey destination;             // of the last three
  DestinationOptions destinationOptions;  // of kAddDestination and kSetDestination
};

// A sync daemon that runs.
struct RunningDaemon {
  Role role = Role::kMaster;
  std::string interface;
  std::uint32_t syncId = 0;
  friend bool operator==(const RunningDaemon&, const RunningDaemon&) = default;
};

class IpvsKernel {
 public:
  virtual ~IpvsKernel() = default;

  // In this order. One errno value for each operation, 0 for success.
  [[nodiscard]] virtual std::vector<int> change(std::span<const Operation> operations) = 0;
  [[nodiscard]] virtual Result<std::vector<Service>> services() = 0;
  // ESRCH where there is no such service.
  [[nodiscard]] virtual Result<Service> service(const ServiceKey& key) = 0;
  [[nodiscard]] virtual Result<std::vector<Destination>> destinations(const ServiceKey& key) = 0;
  // All services, whoever made them.
  [[nodiscard]] virtual Status flush() = 0;
  [[nodiscard]] virtual Status setTimeouts(const Timeouts& timeouts) = 0;
  [[nodiscard]] virtual Result<std::vector<RunningDaemon>> daemons() = 0;
  [[nodiscard]] virtual Status startDaemon(const SyncDaemon& daemon, Role role) = 0;
  [[nodiscard]] virtual Status stopDaemon(Role role) = 0;
};

}  // namespace holdfast::privd::ipvs
