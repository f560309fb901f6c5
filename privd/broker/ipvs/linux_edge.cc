#include "privd/broker/ipvs/linux_edge.h"

#include <utility>

#include "privd/broker/ipvs/check_sockets.h"
#include "privd/broker/ipvs/linux_ipvs.h"
#include "privd/broker/ipvs/marks_transaction.h"

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

Status LinuxEdge::setMarks(const FirewallTable& table, std::span<const MarkedAddresses> marks) {
  if (!nftables_) {
    Result<Nftables> opened = Nftables::open();
    if (!opened) {
      return opened.error();
    }
    nftables_ = std::move(opened).value();
  }
  MarksTransaction transaction(table, marks, nftables_->nextSequence());
  return nftables_->set(transaction, familiesOf(marks));
}

bool LinuxEdge::hasMarks(const FirewallTable& table) {
  return !nftables_ || nftables_->isThere(table);
}

Status LinuxEdge::removeMarks(const FirewallTable& table) {
  return nftables_ ? nftables_->remove(table) : success();
}

}  // namespace holdfast::privd::ipvs
