// The real kernel behind the load balancer's edge.
#pragma once

#include <memory>

#include "privd/broker/ipvs/edge.h"

namespace holdfast::privd::ipvs {

class LinuxEdge final : public Edge {
 public:
  // `kernel` is borrowed.
  explicit LinuxEdge(Kernel& kernel) : kernel_(kernel) {}

  [[nodiscard]] Result<std::unique_ptr<IpvsKernel>> openIpvs() override;
  [[nodiscard]] Result<LinkSnapshot> snapshot() override { return kernel_.snapshot(); }
  [[nodiscard]] Result<UniqueFd> openCheckSocket(const CheckSocket& socket) override;

 private:
  Kernel& kernel_;
};

}  // namespace holdfast::privd::ipvs
