// The real kernel behind the load balancer's edge.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "privd/broker/ipvs/edge.h"
#include "privd/broker/nftables.h"

namespace holdfast::privd::ipvs {

class LinuxEdge final : public Edge {
 public:
  // `kernel` is borrowed.
  explicit LinuxEdge(Kernel& kernel) : kernel_(kernel) {}

  [[nodiscard]] Result<std::unique_ptr<IpvsKernel>> openIpvs() override;
  [[nodiscard]] Result<LinkSnapshot> snapshot() override { return kernel_.snapshot(); }
  [[nodiscard]] Result<UniqueFd> openCheckSocket(const CheckSocket& socket) override;
  [[nodiscard]] Status setMarks(const FirewallTable& table,
                                std::span<const MarkedAddresses> marks) override;
  [[nodiscard]] bool hasMarks(const FirewallTable& table) override;
  [[nodiscard]] Status removeMarks(const FirewallTable& table) override;

 private:
  Kernel& kernel_;
  std::optional<Nftables> nftables_;  // from its first use on
};

}  // namespace holdfast::privd::ipvs
