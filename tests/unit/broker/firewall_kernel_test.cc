// The tables of nftables as nft(8) lists them.
#include <gtest/gtest.h>

#include <string>

#include "network_lab.h"
#include "privd/broker/firewall.h"
#include "privd/broker/linux_kernel.h"

namespace holdfast::privd {
namespace {

Barrier barrierOf(std::initializer_list<const char*> addresses, int device = 0) {
  Barrier barrier;
  for (const char* address : addresses) {
    barrier.add(*IpAddress::parse(address), device);
  }
  return barrier;
}

// Without spaces and line ends, which nft puts where it likes.
std::string listed(const std::string& what = "ruleset") {
  std::string text = NetworkLab::output("nft list " + what + " 2>&1");
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
  return text;
}

class FirewallKernelTest : public LabTest {
 protected:
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  const FirewallTable table_{
      .name = "tab", .priority = -5, .counters = false, .blocksAddresses = true};
};

TEST_F(FirewallKernelTest, IsTheTableThatKeepalivedMakes) {
  LinuxKernel kernel = std::move(LinuxKernel::open()).value();
  const Status status = kernel.setFirewall(
      table_, nullptr,
      barrierOf({"10.9.0.81", "10.9.0.82", "fd00::81", "fe80::81"}, indexOf("e0")));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(listed("table ip tab"),
            "tableiptab{setvips{typeipv4_addrelements={10.9.0.81,10.9.0.82}}"
            "chainout{typefilterhookoutputpriorityfilter-5;policyaccept;ipsaddr@vipsdrop}"
            "chainin{typefilterhookinputpriorityfilter-5;policyaccept;ipdaddr@vipsdrop}}");
  EXPECT_EQ(listed("table ip6 tab"),
            "tableip6tab{setvips{typeipv6_addrelements={fd00::81}}"
            "setneighbor-discovery{typeicmpv6_typeflagsconstant"
            "elements={nd-neighbor-solicit,nd-neighbor-advert}}"
            "setvips_link_local{typeipv6_addr.iface_indexelements={fe80::81.\"e0\"}}"
            "chainout{typefilterhookoutputpriorityfilter-5;policyaccept;"
            "icmpv6type@neighbor-discoveryaccept"
            "ip6saddrfe80::/10gotoout_link_localip6saddr@vipsdrop}"
            "chainin{typefilterhookinputpriorityfilter-5;policyaccept;"
            "icmpv6type@neighbor-discoveryaccept"
            "ip6daddrfe80::/10gotoin_link_localip6daddr@vipsdrop}"
            "chainin_link_local{ip6daddr.iif@vips_link_localdrop}"
            "chainout_link_local{ip6saddr.oif@vips_link_localdrop}}");
  ASSERT_TRUE(kernel.removeFirewall(table_));
  EXPECT_EQ(listed(), "");
}

TEST_F(FirewallKernelTest, ChangesOnlyWhatDiffers) {
  LinuxKernel kernel = std::move(LinuxKernel::open()).value();
  const Barrier one = barrierOf({"10.9.0.81"});
  const Barrier two = barrierOf({"10.9.0.82", "fd00::82"});
  const Barrier none;
  ASSERT_TRUE(kernel.setFirewall(table_, nullptr, one));
  EXPECT_FALSE(has(listed(), "ip6")) << "no table of a family that nobody needs";
  ASSERT_TRUE(kernel.setFirewall(table_, &one, two));
  EXPECT_TRUE(has(listed("set ip tab vips"), "elements={10.9.0.82}"));
  EXPECT_TRUE(has(listed("set ip6 tab vips"), "elements={fd00::82}"));
  ASSERT_TRUE(kernel.setFirewall(table_, &two, none));
  EXPECT_FALSE(has(listed(), "10.9.0.8"));
  ASSERT_TRUE(kernel.setFirewall(table_, &none, one)) << "the table is still there";
  const std::string text = listed("chain ip tab in");
  EXPECT_EQ(text.find("@vipsdrop"), text.rfind("@vipsdrop")) << text;
}

TEST_F(FirewallKernelTest, SilencesVmacsAsKeepalivedDoes) {
  LinuxKernel kernel = std::move(LinuxKernel::open()).value();
  const int e0 = indexOf("e0");
  const Result<Link> link = kernel.makeLink(
      {"vrrp.51", e0, {LinkKind::kVmac, MacAddress{0, 0, 0x5e, 0, 1, 51}}, {}});
  ASSERT_TRUE(link);
  const FirewallTable table{.name = "tab", .silencesLinks = true};
  Barrier barrier;
  barrier.links = {{link->index, e0}};
  const Status status = kernel.setFirewall(table, nullptr, barrier);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(listed("table ip tab"),
            "tableiptab{mapvmac_map{typeiface_index:iface_indexelements={\"vrrp.51\":\"e0\"}}"
            "chainout{typefilterhookoutputpriorityfilter-1;policyaccept;"
            "ipprotocoligmpmetaoifkind\"macvlan\"duptoipdaddrdeviceoifmap@vmac_mapdrop}}");
  const std::string ipv6 = listed("table ip6 tab");
  EXPECT_TRUE(has(ipv6, "setvmac_set{typeiface_indexelements={\"vrrp.51\"}}")) << ipv6;
  EXPECT_TRUE(has(ipv6,
                  "icmpv6typemld2-listener-reportmetaoifkind\"macvlan\""
                  "duptoip6daddrdeviceoifmap@vmac_mapdrop"))
      << ipv6;
  EXPECT_TRUE(has(ipv6, "icmpv6typend-router-solicitmetaoifkind\"macvlan\"oif@vmac_setdrop"))
      << ipv6;
  const Barrier none;
  ASSERT_TRUE(kernel.setFirewall(table, &barrier, none));
  EXPECT_FALSE(has(listed("table ip tab"), "vrrp.51"));
}

TEST_F(FirewallKernelTest, CountsWhereThatIsAskedFor) {
  LinuxKernel kernel = std::move(LinuxKernel::open()).value();
  const FirewallTable counting{
      .name = "tab", .priority = 7, .counters = true, .blocksAddresses = true};
  ASSERT_TRUE(kernel.setFirewall(counting, nullptr, barrierOf({"10.9.0.81"})));
  const std::string text = listed("chain ip tab in");
  EXPECT_TRUE(has(text, "priorityfilter+7;")) << text;
  EXPECT_TRUE(has(text, "ipdaddr@vipscounterpackets0bytes0drop")) << text;
}

TEST_F(FirewallKernelTest, ManyAddressesAreOneTransaction) {
  LinuxKernel kernel = std::move(LinuxKernel::open()).value();
  Barrier many;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    many.add(IpAddress::fromHalves(AddressFamily::kIpv4, 0, 0x0a0a0000 + i), 0);
  }
  const Status status = kernel.setFirewall(table_, nullptr, many);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(has(listed("set ip tab vips"), "10.10.15.159"));
}

TEST_F(FirewallKernelTest, WhatACrashLeftIsReplacedAndSoIsWhatSomebodyTookAway) {
  LinuxKernel before = std::move(LinuxKernel::open()).value();
  ASSERT_TRUE(before.setFirewall(table_, nullptr, barrierOf({"10.9.0.81", "10.9.0.82"})));
  LinuxKernel after = std::move(LinuxKernel::open()).value();
  const Barrier one = barrierOf({"10.9.0.82"});
  ASSERT_TRUE(after.setFirewall(table_, nullptr, one));
  EXPECT_FALSE(has(listed(), "10.9.0.81"));

  EXPECT_TRUE(after.hasFirewall(table_));
  ASSERT_TRUE(NetworkLab::run("nft flush ruleset"));
  EXPECT_FALSE(after.hasFirewall(table_));
  const Barrier two = barrierOf({"10.9.0.82", "10.9.0.83"});
  EXPECT_FALSE(after.setFirewall(table_, &one, two)) << "half of it would not be there";
  EXPECT_EQ(listed(), "");
  EXPECT_TRUE(after.setFirewall(table_, nullptr, two));
  EXPECT_TRUE(after.hasFirewall(table_));
  EXPECT_TRUE(has(listed("set ip tab vips"), "elements={10.9.0.82,10.9.0.83}"));
}

}  // namespace
}  // namespace holdfast::privd
