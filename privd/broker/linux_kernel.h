// The real kernel behind the broker's edge.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/kernel.h"
#include "privd/broker/netlink.h"
#include "privd/broker/nftables.h"

namespace holdfast::privd {

class LinuxKernel final : public Kernel {
 public:
  // Opens the netlink request socket and the one packet socket, which never receives.
  [[nodiscard]] static Result<LinuxKernel> open();

  [[nodiscard]] std::vector<int> put(std::span<const Placement> placements) override;
  [[nodiscard]] std::vector<int> remove(std::span<const Placement> placements) override;
  [[nodiscard]] Result<LinkSnapshot> snapshot() override;
  [[nodiscard]] Result<std::size_t> removeMarked() override;
  [[nodiscard]] Result<Link> makeLink(const LinkPlan& plan) override;
  [[nodiscard]] Status setUp(int index) override;
  [[nodiscard]] Status setVrf(int index, int vrf) override;
  [[nodiscard]] Status removeLink(int index) override;
  [[nodiscard]] Result<UniqueFd> openReceiveSocket(const ReceiveSocketPlan& plan) override;
  [[nodiscard]] Result<SendSocket> openSendSocket(const SendSocketPlan& plan) override;
  [[nodiscard]] int sendFrame(int index, std::span<const std::uint8_t> frame) override;
  [[nodiscard]] Status setFirewall(const FirewallTable& table, const Barrier* before,
                                   const Barrier& after) override;
  [[nodiscard]] bool hasFirewall(const FirewallTable& table) override;
  [[nodiscard]] Status removeFirewall(const FirewallTable& table) override;
  [[nodiscard]] bool forwardsIpv6(int index) override;
  [[nodiscard]] Result<std::uint32_t> setting(int index, Setting setting) override;
  [[nodiscard]] Status set(int index, Setting setting, std::uint32_t value) override;

 private:
  LinuxKernel(NetlinkRequests netlink, UniqueFd packet)
      : netlink_(std::move(netlink)), packet_(std::move(packet)) {}

  NetlinkRequests netlink_;
  UniqueFd packet_;
  std::optional<Nftables> nftables_;  // from its first use on
};

}  // namespace holdfast::privd
