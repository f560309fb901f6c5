#include "privd/broker/ipvs/linux_edge.h"

#include <utility>

#include "privd/broker/ipvs/check_sockets.h"
#include "privd/broker/ipvs/linux_ipvs.h"

namespace holdfast::privd::ipvs {

Result<std::unique_ptr<IpvsKernel>> LinuxEdge::openIpvs() {
  Result<LinuxIpvs> ipvs = LinuxIpvs::open();
  if (!ipvs) {
    return ipvs.error();
  }
  return std::unique_ptr<IpvsKernel>(std::make_unique<LinuxIpvs>(std::move(ipvs).value()));
}

Result<UniqueFd> LinuxEdge::openCheckSocket(const CheckSocket& socket) {
  return ipvs::openCheckSocket(socket);
}

}  // namespace holdfast::privd::ipvs
