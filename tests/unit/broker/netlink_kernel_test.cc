// The broker's netlink sockets against the running kernel.
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "fake_kernel.h"
#include "network_lab.h"
#include "privd/broker/linux_kernel.h"
#include "privd/broker/netlink.h"

namespace holdfast::privd {
namespace {

using Kind = NetlinkMessage::Kind;

class NetlinkKernelTest : public LabTest {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (!IsSkipped()) {
      e0_ = indexOf("e0");
      requests_ = std::make_unique<NetlinkRequests>(std::move(NetlinkRequests::open().value()));
    }
  }
  std::vector<int> change(Change change, const std::vector<VirtualAddress>& wanted) {
    const OneDevice device(e0_);
    std::vector<Placement> placements;
    for (const VirtualAddress& address : wanted) {
      placements.push_back({&address, &device});
    }
    return requests_->change(change, placements);
  }
  std::vector<int> add(const std::vector<VirtualAddress>& wanted) {
    return change(Change::kAdd, wanted);
  }
  static std::vector<VirtualAddress> many(int count) {
    std::vector<VirtualAddress> result;
    for (int i = 0; i < count; ++i) {
      const std::string text =
          "10.20." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
      result.push_back(virtualAddress(text.c_str(), 32));
    }
    return result;
  }
  // The value of IFA_PROTO of an address, or -1.
  static int protocolOf(const char* address) {
    const IpAddress wanted = *IpAddress::parse(address);
    NetlinkBatch request;
    request.dumpAddresses(1);
    const UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    EXPECT_GT(::send(fd.get(), request.bytes().data(), request.bytes().size(), 0), 0);
    alignas(nlmsghdr) char buffer[65536];
    int protocol = -1;
    for (bool done = false; !done;) {
      auto size = static_cast<unsigned>(::recv(fd.get(), buffer, sizeof(buffer), 0));
      for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, size);
           header = NLMSG_NEXT(header, size)) {
        done = done || header->nlmsg_type == NLMSG_DONE;
        auto remaining = static_cast<int>(IFA_PAYLOAD(header));
        bool found = false;
        int value = -1;
        for (auto* part = IFA_RTA(static_cast<ifaddrmsg*>(NLMSG_DATA(header)));
             header->nlmsg_type == RTM_NEWADDR && RTA_OK(part, remaining);
             part = RTA_NEXT(part, remaining)) {
          found = found || (part->rta_type == IFA_ADDRESS &&
                            std::memcmp(RTA_DATA(part), wanted.bytes.data(), wanted.size()) == 0);
          value = part->rta_type == IFA_PROTO ? *static_cast<std::uint8_t*>(RTA_DATA(part)) : value;
        }
        protocol = found ? value : protocol;
      }
    }
    return protocol;
  }

  int e0_ = 0;
  std::unique_ptr<NetlinkRequests> requests_;
};

TEST_F(NetlinkKernelTest, AddsWithEveryOptionAndRemoves) {
  VirtualAddress full = virtualAddress("10.20.0.1", 24);
  full.label = "e0:vip";
  full.broadcast = IpAddress::parse("10.20.0.255");
  full.scope = RT_SCOPE_LINK;
  full.flags = IFA_F_NOPREFIXROUTE;
  full.preferredSeconds = 0;
  VirtualAddress peer = virtualAddress("10.21.0.1", 32);
  peer.peer = IpAddress::parse("10.21.0.2");
  VirtualAddress ipv6 = virtualAddress("fd00::1", 128);
  ipv6.flags = IFA_F_NODAD | IFA_F_HOMEADDRESS;
  ipv6.preferredSeconds = 0;
  VirtualAddress dad = virtualAddress("fd00::2", 64);
  const std::vector<VirtualAddress> all{full, peer, ipv6, dad};
  EXPECT_EQ(add(all), (std::vector<int>{0, 0, 0, 0}));
  const std::string shown = NetworkLab::output("ip addr show dev e0");
  EXPECT_NE(shown.find("inet 10.20.0.1/24 brd 10.20.0.255 scope link noprefixroute e0:vip"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find("inet 10.21.0.1 peer 10.21.0.2/32 scope global e0"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("inet6 fd00::1/128 scope global nodad home deprecated"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("inet6 fd00::2/64 scope global"), std::string::npos) << shown;
  EXPECT_EQ(protocolOf("fd00::1"), kProtocol) << "since Linux 5.18";

  EXPECT_EQ(add(all), (std::vector<int>{EEXIST, EEXIST, EEXIST, EEXIST}));
  EXPECT_EQ(change(Change::kRemove, all), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_EQ(change(Change::kRemove, all), (std::vector<int>(4, EADDRNOTAVAIL)));
}

TEST_F(NetlinkKernelTest, SaysForEachOfManyHowItWent) {
  const std::vector<VirtualAddress> all = many(1000);
  EXPECT_EQ(add({all[63], all[64], all[999]}), (std::vector<int>{0, 0, 0}));
  std::vector<int> expected(1000, 0);
  expected[63] = expected[64] = expected[999] = EEXIST;
  EXPECT_EQ(add(all), expected);
  const Result<LinkSnapshot> snapshot = requests_->snapshot();
  EXPECT_EQ(std::count_if(snapshot->addresses.begin(), snapshot->addresses.end(),
                          [](const LinkAddress& address) { return address.prefixLength == 32; }),
            1000);
  EXPECT_EQ(change(Change::kRemove, all), std::vector<int>(1000, 0));
}

TEST_F(NetlinkKernelTest, ErrorsDoNotConfuseTheNextRequest) {
  VirtualAddress nowhere = virtualAddress("10.20.0.1", 32);
  const OneDevice noDevice(999);
  const std::vector<Placement> placements(200, Placement{&nowhere, &noDevice});
  EXPECT_EQ(requests_->change(Change::kAdd, placements), std::vector<int>(200, ENODEV));
  EXPECT_EQ(add(many(3)), (std::vector<int>{0, 0, 0}));
}

TEST_F(NetlinkKernelTest, SendsLessAtOnceWhenASendTakesLong) {
  using std::chrono::milliseconds;
  EXPECT_EQ(requests_->batchSize(), kMaxBatch);
  requests_->noteSendTime(milliseconds(6));
  EXPECT_EQ(requests_->batchSize(), kMaxBatch / 2);
  for (int i = 0; i < 10; ++i) {
    requests_->noteSendTime(milliseconds(6));
  }
  EXPECT_EQ(requests_->batchSize(), 1U);
  EXPECT_EQ(add(many(5)), std::vector<int>(5, 0));
  for (int i = 0; i < 10; ++i) {
    requests_->noteSendTime(milliseconds(0));
  }
  EXPECT_EQ(requests_->batchSize(), kMaxBatch);
}

TEST_F(NetlinkKernelTest, DumpsLinksAndAddresses) {
  const Result<LinkSnapshot> snapshot = requests_->snapshot();
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  const auto e0 = std::find_if(snapshot->links.begin(), snapshot->links.end(),
                               [](const Link& link) { return link.name == "e0"; });
  ASSERT_NE(e0, snapshot->links.end());
  EXPECT_EQ(e0->index, e0_);
  EXPECT_EQ(e0->mtu, 1500U);
  EXPECT_EQ(e0->mac, (MacAddress{2, 0, 0, 0, 0, 1}));
  EXPECT_NE(e0->flags & IFF_UP, 0U);
  const LinkAddress own{e0_, *IpAddress::parse("10.9.0.1"), 24, 0, IFA_F_PERMANENT};
  EXPECT_NE(std::find(snapshot->addresses.begin(), snapshot->addresses.end(), own),
            snapshot->addresses.end());
}

TEST_F(NetlinkKernelTest, HearsWhatHappens) {
  NetlinkNews news = std::move(NetlinkNews::open().value());
  NetworkLab::run(
      "ip addr add 10.20.0.1/32 dev e0 && ip addr del 10.20.0.1/32 dev e0 && "
      "ip link set e0 mtu 1400 && ip link set e0 down && ip link set e0 name f0 && "
      "ip link del f0");
  std::string seen;
  EXPECT_EQ(news.read([&](const NetlinkMessage& message) {
    if (message.kind == Kind::kAddress && message.address.prefixLength == 32) {
      seen += "+" + message.address.address.toString() + " ";
    } else if (message.kind == Kind::kAddressGone && message.address.prefixLength == 32) {
      seen += "-" + message.address.address.toString() + " ";
    } else if (message.kind == Kind::kLink && message.link.index == e0_) {
      const std::string now = message.link.name + ":" + std::to_string(message.link.mtu) +
                              ((message.link.flags & IFF_UP) != 0 ? "u " : " ");
      seen += seen.ends_with(now) ? "" : now;
    } else if (message.kind == Kind::kLinkGone && message.link.index == e0_) {
      seen += "gone ";
    }
  }),
            NetlinkNews::Outcome::kDrained);
  EXPECT_EQ(seen, "+10.20.0.1 -10.20.0.1 e0:1400u e0:1400 f0:1400 gone ");
}

TEST_F(NetlinkKernelTest, NoticesThatNewsWereLost) {
  NetlinkNews news = std::move(NetlinkNews::open().value());
  const std::vector<VirtualAddress> all = many(4000);
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(add(all));
    static_cast<void>(change(Change::kRemove, all));
  }
  NetlinkNews::Outcome outcome = NetlinkNews::Outcome::kMore;
  while (outcome == NetlinkNews::Outcome::kMore) {
    outcome = news.read([](const NetlinkMessage&) {});
  }
  EXPECT_EQ(outcome, NetlinkNews::Outcome::kOverrun);
}

TEST_F(NetlinkKernelTest, PromotesSecondariesWithoutAFileInProc) {
  LinuxKernel kernel = std::move(LinuxKernel::open().value());
  NetworkLab::run("sysctl -qw net.ipv4.conf.e0.promote_secondaries=0");
  EXPECT_EQ(*kernel.setting(e0_, Setting::kPromoteSecondaries), 0U);
  EXPECT_TRUE(kernel.set(e0_, Setting::kPromoteSecondaries, 1));
  EXPECT_EQ(*kernel.setting(e0_, Setting::kPromoteSecondaries), 1U);
  EXPECT_EQ(NetworkLab::output("sysctl -n net.ipv4.conf.e0.promote_secondaries"), "1\n");
  EXPECT_TRUE(kernel.set(e0_, Setting::kPromoteSecondaries, 0));
  EXPECT_EQ(NetworkLab::output("sysctl -n net.ipv4.conf.e0.promote_secondaries"), "0\n");
  EXPECT_EQ(kernel.set(999, Setting::kPromoteSecondaries, 1).error().code, ENODEV);
  EXPECT_EQ(kernel.setting(999, Setting::kPromoteSecondaries).error().code, ENODEV);
}

const LinkNature kVmac{LinkKind::kVmac, MacAddress{0, 0, 0x5e, 0, 1, 51}};

TEST_F(NetlinkKernelTest, MakesAVmacThatIsDownAndHasNoAddress) {
  LinuxKernel kernel = std::move(LinuxKernel::open().value());
  const LinkPlan plan{"vrrp.51", e0_, kVmac, 7};
  const Result<Link> made = kernel.makeLink(plan);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->parent, e0_);
  EXPECT_EQ(made->mac, kVmac.mac);
  EXPECT_EQ(made->group, 7U);
  EXPECT_EQ(made->kind, LinkKind::kVmac);
  EXPECT_EQ(made->flags & IFF_UP, 0U);
  EXPECT_EQ(*kernel.setting(made->index, Setting::kArpIgnore), 1U);
  EXPECT_EQ(*kernel.setting(made->index, Setting::kAcceptLocal), 1U);
  EXPECT_EQ(*kernel.setting(made->index, Setting::kReversePathFilter), 0U);
  ASSERT_TRUE(kernel.setUp(made->index));
  EXPECT_EQ(NetworkLab::output("ip -o address show dev vrrp.51"), "");
  EXPECT_EQ(kernel.makeLink(plan)->index, made->index) << "it is the same";
  ASSERT_TRUE(kernel.removeLink(made->index));
  EXPECT_EQ(kernel.removeLink(made->index).error().code, ENODEV);
}

TEST_F(NetlinkKernelTest, TakesNoInterfaceOfAnother) {
  LinuxKernel kernel = std::move(LinuxKernel::open().value());
  const LinkPlan plan{"vrrp.51", e0_, kVmac, {}};
  NetworkLab::run("ip link add vrrp.51 link e0 type macvlan mode bridge");
  EXPECT_EQ(kernel.makeLink(plan).error().code, EEXIST);
  EXPECT_NE(NetworkLab::output("ip -d link show vrrp.51").find("mode bridge"), std::string::npos);
  NetworkLab::run("ip link set vrrp.51 alias holdfast");
  EXPECT_TRUE(kernel.makeLink(plan)) << "one that an earlier one of us left";
  EXPECT_NE(NetworkLab::output("ip -d link show vrrp.51").find("mode private"), std::string::npos);
}

TEST_F(NetlinkKernelTest, RemovesTheVmacsThatACrashLeft) {
  requests_.reset();  // there is one daemon in a network namespace
  {
    LinuxKernel before = std::move(LinuxKernel::open().value());
    ASSERT_TRUE(before.makeLink({"vrrp.51", e0_, kVmac, {}}));
    NetworkLab::run("ip link add other link e0 type macvlan mode private");
  }
  LinuxKernel after = std::move(LinuxKernel::open().value());
  EXPECT_EQ(*after.removeMarked(), 1U);
  EXPECT_EQ(NetworkLab::output("ip -o link show type macvlan | wc -l"), "1\n");
}

TEST_F(NetlinkKernelTest, KnowsARouter) {
  LinuxKernel kernel = std::move(LinuxKernel::open().value());
  EXPECT_FALSE(kernel.forwardsIpv6(e0_));
  NetworkLab::run("sysctl -qw net.ipv6.conf.e0.forwarding=1");
  EXPECT_TRUE(kernel.forwardsIpv6(e0_));
}

}  // namespace
}  // namespace holdfast::privd
