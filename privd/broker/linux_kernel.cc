#include "privd/broker/linux_kernel.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "privd/broker/sockets.h"

namespace holdfast::privd {

Result<LinuxKernel> LinuxKernel::open() {
  Result<NetlinkRequests> netlink = NetlinkRequests::open();
  if (!netlink) {
    return netlink.error();
  }
  // Protocol 0: no packet is ever delivered to it.
  UniqueFd packet(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!packet) {
    return systemError("packet socket");
  }
  return LinuxKernel(std::move(netlink).value(), std::move(packet));
}

std::vector<int> LinuxKernel::put(std::span<const Placement> placements) {
  return netlink_.change(Change::kAdd, placements);
}

std::vector<int> LinuxKernel::remove(std::span<const Placement> placements) {
  return netlink_.change(Change::kRemove, placements);
}

Result<LinkSnapshot> LinuxKernel::snapshot() {
  return netlink_.snapshot();
}

Result<std::size_t> LinuxKernel::removeMarked() {
  return netlink_.removeMarked();
}

Result<Link> LinuxKernel::makeLink(const LinkPlan& plan) {
  return netlink_.makeLink(plan);
}

Status LinuxKernel::setUp(int index) {
  return netlink_.setUp(index);
}

Status LinuxKernel::setVrf(int index, int vrf) {
  return netlink_.setVrf(index, vrf);
}

Status LinuxKernel::removeLink(int index) {
  return netlink_.removeLink(index);
}

Result<UniqueFd> LinuxKernel::openReceiveSocket(const ReceiveSocketPlan& plan) {
  return privd::openReceiveSocket(plan);
}

Result<SendSocket> LinuxKernel::openSendSocket(const SendSocketPlan& plan) {
  return privd::openSendSocket(plan);
}

int LinuxKernel::sendFrame(int index, std::span<const std::uint8_t> frame) {
  constexpr std::size_t kProtocolAt = 12;
  sockaddr_ll destination{};
  destination.sll_family = AF_PACKET;
  destination.sll_ifindex = index;
  destination.sll_halen = 6;
  std::copy_n(frame.begin(), 6, destination.sll_addr);
  // Network order in both places.
  std::copy_n(frame.begin() + kProtocolAt, sizeof(destination.sll_protocol),
              reinterpret_cast<std::uint8_t*>(&destination.sll_protocol));
  ssize_t sent = 0;
  do {
    sent = ::sendto(packet_.get(), frame.data(), frame.size(), MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr*>(&destination), sizeof(destination));
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

Status LinuxKernel::setFirewall(const FirewallTable& table, const Barrier* before,
                                const Barrier& after) {
  if (!nftables_) {
    Result<Nftables> opened = Nftables::open();
    if (!opened) {
      return opened.error();
    }
    nftables_ = std::move(opened).value();
  }
  return nftables_->set(table, before, after);
}

bool LinuxKernel::hasFirewall(const FirewallTable& table) {
  return !nftables_ || nftables_->isThere(table);
}

Status LinuxKernel::removeFirewall(const FirewallTable& table) {
  return nftables_ ? nftables_->remove(table) : success();
}

bool LinuxKernel::forwardsIpv6(int index) {
  const Result<NetlinkMessage> link = netlink_.getLink(index);
  return link && link->forwardsIpv6;
}

Result<std::uint32_t> LinuxKernel::setting(int index, Setting setting) {
  const Result<NetlinkMessage> link = netlink_.getLink(index);
  return link ? Result<std::uint32_t>(link->settings[static_cast<std::size_t>(setting)])
              : Result<std::uint32_t>(link.error());
}

Status LinuxKernel::set(int index, Setting setting, std::uint32_t value) {
  return netlink_.set(index, {{setting, value}});
}

}  // namespace holdfast::privd
