// What the load balancer can make the kernel do besides IPVS itself. The unit tests and the fuzzer
// put a fake in its place. Nothing here blocks.
#pragma once

#include <memory>
#include <span>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/ipvs/configuration.h"
#include "privd/broker/ipvs/kernel.h"
#include "privd/broker/kernel.h"

namespace holdfast::privd::ipvs {

class Edge {
 public:
  virtual ~Edge() = default;

  // An Error where the kernel has no IPVS.
  [[nodiscard]] virtual Result<std::unique_ptr<IpvsKernel>> openIpvs() = 0;
  // The addresses of this host.
  [[nodiscard]] virtual Result<LinkSnapshot> snapshot() = 0;
  // Finished but for its connection: checkd connects it.
  [[nodiscard]] virtual Result<UniqueFd> openCheckSocket(const CheckSocket& socket) = 0;

  // In the place of whatever there is of the table, or not at all.
  [[nodiscard]] virtual Status setMarks(const FirewallTable& table,
                                        std::span<const MarkedAddresses> marks) = 0;
  // Whether nobody has removed what was set last.
  [[nodiscard]] virtual bool hasMarks(const FirewallTable& table) = 0;
  [[nodiscard]] virtual Status removeMarks(const FirewallTable& table) = 0;
};

}  // namespace holdfast::privd::ipvs
