// Routes, policy rules and static addresses: what is said about those that cannot be, and whether
// they are left out.
#include <gtest/gtest.h>

#include "config/compiler.h"
#include "config/iproute_names.h"
#include "tests/unit/config/compile.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

struct Case {
  const char* list;
  const char* line;
  const char* message;  // the first one; empty for none
  bool kept = false;
  std::uint32_t exitCode = 5;
};

class Lines : public testing::TestWithParam<Case> {};

TEST_P(Lines, SayWhatIsWrong) {
  const Case& expected = GetParam();
  const Compilation compilation =
      compileText(std::string(expected.list) + " {\n" + expected.line + "\n}\n");
  const Report& report = compilation.report;
  std::string first;
  for (const Diagnostic& diagnostic : report.all()) {
    if (diagnostic.severity != Severity::kNotice && first.empty()) {
      first = diagnostic.message;
      EXPECT_EQ(diagnostic.place.line, 2U) << expected.line;
    }
  }
  EXPECT_EQ(first, expected.message) << expected.line;
  EXPECT_EQ(report.exitCode(), expected.exitCode) << expected.line;
  if (compilation.plan.configuration == nullptr) {
    EXPECT_FALSE(expected.kept) << expected.line;
    return;
  }
  const Block& root = *compilation.plan.configuration;
  EXPECT_EQ(root.blocks(Key(std::string_view(expected.list))).size(), expected.kept ? 1U : 0U)
      << expected.line;
}

const char* const kRoutes = "static_routes";
const char* const kRules = "static_rules";
const char* const kAddresses = "static_ipaddress";

INSTANTIATE_TEST_SUITE_P(
    Routes, Lines,
    testing::Values(
        Case{kRoutes, "10.1.0.0/16 via 10.0.0.254 dev eth0", "", true, 0},
        Case{kRoutes, "10.1.0.0/16 10.2.0.0/16 dev eth0", "", true, 0},
        Case{kRoutes, "via 10.0.0.3 dev eth0", "Route must have a destination"},
        Case{kRoutes, "10.1 dev eth0", "unknown route keyword 10.1"},
        Case{kRoutes, "default dev eth0 foo 5", "unknown route keyword foo"},
        Case{kRoutes, "10.1.0.0/33 dev eth0",
             "Invalid address prefix len 33 for address 10.1.0.0/33 - using 32", true},
        Case{kRoutes, "10.1.0.0/16 via",
             "*** Configuration line starting `10.1.0.0/16` is missing a parameter after keyword "
             "`via` at word position 3",
             false, 2},
        Case{kRoutes, "10.1.0.0/16 dev eth0 mtu lock",
             "*** Configuration line starting `10.1.0.0/16` is missing a parameter after keyword "
             "`lock` at word position 6",
             false, 2},
        Case{kRoutes, "10.1.0.0/16 via foo", "invalid route via address foo"},
        Case{kRoutes, "10.1.0.0/16 via fe80::1 dev eth0",
             "Cannot mix IPv4 and IPv6 addresses for route (10.1.0.0/16)"},
        Case{kRoutes, "default src 10.0.0.5/24", "invalid route src address 10.0.0.5/24"},
        Case{kRoutes, "10.1.0.0/16 dev nosuch",
             "WARNING - interface nosuch for VROUTE nexthop doesn't exist"},
        Case{kRoutes, "10.1.0.0/16",
             "Warning - cannot track route 10.1.0.0/16 with no interface specified, not tracking",
             true},
        Case{kRoutes, "10.1.0.0/16 no_track", "", true, 0},
        Case{kRoutes, "10.1.0.0/16 dev eth0 protocol static",
             "Route cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol",
             true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 table nosuch",
             "Routing table nosuch not found for route"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 tos 256", "TOS value 256 is invalid"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 scope 256", "Scope 256 not found or invalid for route"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 realms 256/1", "Invalid realms 256/1 for route"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 realms 1/2/3", "Invalid realms 1/2/3 for route"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 pref low", "pref is only valid for IPv6"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 expires 5", "expires is only valid for IPv6"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 from 10.2.0.0/16",
             "route from address only supported with IPv6 (10.2.0.0/16)"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 as to 10.9.0.1", "\"as to\" for MPLS only - ignoring",
             true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 features foo", "feature foo not supported", true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 mtu abc", "invalid number 'abc'"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 rtt 5h", "invalid number '5h'"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 rtt 1.5", "number '1.5' has too many decimal places",
             true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 rto_min 120001",
             "number '120001' outside range [0, 120000]"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 metric 4294967296",
             "number '4294967296' outside range [0, 4294967295]"},
        Case{kRoutes, "10.1.0.0/16 gw 10.0.0.254 dev eth0",
             "\"gw\" for routes is deprecated. Please use \"via\"", true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 track_group NOPE", "track_group NOPE not found", true},
        Case{kRoutes, "10.1.0.0/16 vrf nosuch", "VRF nosuch not found for route"},
        Case{kRoutes, "blackhole",
             "*** Configuration line starting `blackhole` is missing a parameter after keyword "
             "`blackhole` at word position 2",
             false, 2},
        Case{kRoutes, "10.1.0.0/16 no_track nexthop via 10.0.0.7 weight 0",
             "number '0' outside range [1, 256]"},
        Case{kRoutes, "10.1.0.0/16 no_track nexthop via 10.0.0.7 metric 5",
             "Route has trailing nonsense after nexthops - metric", true},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap", "Missing encap type"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap foo", "Unknown encap type - foo"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap ip ttl 3",
             "address or id missing for ip encapsulation"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap ip dst fd00::1",
             "IPv6 address fd00::1 not valid for ip encapsulation"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap mpls 16/17/18",
             "invalid mpls address 16/17/18 for encapsulation"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap mpls 1048576",
             "invalid mpls address 1048576 for encapsulation"},
        Case{kRoutes, "10.1.0.0/16 dev eth0 encap ila 1::4",
             "invalid locator 1::4 for ila encapsulation"}));

INSTANTIATE_TEST_SUITE_P(
    Rules, Lines,
    testing::Values(
        Case{kRules, "from 10.1.0.0/16 table 100 preference 5", "", true, 0},
        Case{kRules, "from 10.1.0.0/16 table 100",
             "Rule has no preference specified - setting to 16384. This is probably not what you "
             "want.",
             true},
        Case{kRules, "from 10.1.0.0/16 preference 5", "No action specified for rule - ignoring"},
        Case{kRules, "from foo table 5 preference 5", "Invalid rule from address foo"},
        Case{kRules, "from 10.1.0.0/16 to fd00::/8 table 5 preference 5",
             "rule specification has mixed IPv4 and IPv6"},
        Case{kRules, "table 0 preference 5", "Table 0 is not valid"},
        Case{kRules, "table nosuch preference 5", "Routing table nosuch not found for rule"},
        Case{kRules, "table 5 preference 5 goto 9",
             "Cannot specify more than one of "
             "table/nop/goto/blackhole/prohibit/unreachable/l3mdev for rule"},
        Case{kRules, "table 5 l3mdev preference 5", "Cannot specify l3mdev with other action"},
        Case{kRules, "goto 5 preference 5", "Invalid rule - preference 5 >= goto target 5"},
        Case{kRules, "goto 5", "Invalid rule - goto target 5 specified without preference"},
        Case{kRules, "nop preference 5 realms 1",
             "suppressor/realm specified for non table action - skipping"},
        Case{kRules, "unicast preference 5", "Invalid rule action unicast"},
        Case{kRules, "type foo preference 5", "Unknown rule option foo"},
        Case{kRules, "table 5 preference 5 foo", "Unknown rule option foo"},
        Case{kRules, "table 5 preference 5 fwmark 5/abc", "Invalid rule fwmark 5/abc specified"},
        Case{kRules, "table 5 preference 5 uidrange 5", "Invalid uidrange 5 specified"},
        Case{kRules, "table 5 preference 5 sport 80", "invalid sport range 80", true},
        Case{kRules, "table 5 preference 5 ipproto foo", "Invalid ipproto foo", true},
        Case{kRules, "table 5 preference 5 suppress_ifgroup foo", "suppress_group foo is invalid"},
        Case{kRules, "table 5 preference 5 protocol 12",
             "Rule cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol",
             true},
        Case{kRules, "table 5 preference 5 iif nosuch",
             "WARNING - interface nosuch for rule doesn't exist"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, Lines,
    testing::Values(
        Case{kAddresses, "10.0.0.9/24", "", true, 0},
        Case{kAddresses, "10.0.0.9 dev eth0 dev eth1",
             "Cannot specify ipaddress device more than once for 10.0.0.9"},
        Case{kAddresses, "10.0.0.9 use_vmac",
             "Unknown configuration entry 'use_vmac' for ip address - ignoring", true},
        Case{kAddresses, "10.0.0.9 track_group NOPE", "track_group NOPE not found", true},
        Case{kAddresses, "10.0.0.9 scope foo",
             "Invalid scope 'foo' specified for 10.0.0.9 - ignoring", true},
        Case{kAddresses, "10.0.0.9/31 brd +", "Address prefix length 31 too long for broadcast",
             true},
        Case{kAddresses, "fd00::9 label eth0:1",
             "Cannot specify label for IPv6 addresses (fd00::9) - ignoring label", true}));

TEST(Rules, ArePreferredInTheOrderOfTheFile) {
  const SealedFields sealed(
      "static_rules {\n from 10.1.0.0/16 table 1\n goto 3\n from 10.2.0.0/16 table 1\n}\n"
      "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress { 10.9.0.9 }\n"
      " virtual_rules { table 1 }\n}\n");
  EXPECT_EQ(sealed.at("broker.staticRules.size"), "2");
  EXPECT_EQ(sealed.at("broker.staticRules[0].preference"), "16384");
  EXPECT_EQ(sealed.at("broker.staticRules[1].preference"), "16383");
  EXPECT_EQ(sealed.at("broker.instances[0].rules[0].preference"), "16382");
}

TEST(Routes, WithoutNexthopsHaveNoEncapsulationOfTheirs) {
  const SealedFields sealed(
      "static_routes {\n default no_track nexthop dev eth0 encap mpls 100 weight 3 "
      "nexthop dev eth1\n}\n");
  EXPECT_EQ(sealed.at("broker.staticRoutes[0].encapsulation.kind"), "none");
  EXPECT_EQ(sealed.at("broker.staticRoutes[0].nextHops[0].encapsulation.kind"), "mpls");
  EXPECT_EQ(sealed.at("broker.staticRoutes[0].nextHops[0].weight"), "3");
  EXPECT_EQ(sealed.at("broker.staticRoutes[0].nextHops[1].encapsulation.kind"), "none");
  EXPECT_EQ(sealed.at("broker.staticRoutes[0].nextHops[1].weight"), "1");
}

TEST(IprouteNames, SkipWhatIsNoLine) {
  NumberNames names;
  readNumberNames("# 5 no\n 0x10\tblue # yes\n7\n99999999999 big\nfoo bar\n8 eight more\n-1 x",
                  names);
  EXPECT_EQ(names, (NumberNames{{"blue", 16}, {"eight", 8}}));
  NumberNames protocols;
  readProtocolNames("ip\t0\tIP\t# internet\ntcp 6 TCP\nfoo\n", protocols);
  EXPECT_EQ(protocols, (NumberNames{{"ip", 0}, {"IP", 0}, {"tcp", 6}, {"TCP", 6}}));
}

TEST(IprouteNames, OfTheHostGoBeforeThoseOfThePackage) {
  using Kind = IprouteNames::Kind;
  MemoryFiles files;
  files.contents["/usr/share/iproute2/rt_tables"] = "5 blue\n6 red\n";
  files.contents["/etc/iproute2/rt_tables"] = "7 blue\n";
  files.contents["/etc/iproute2/rt_tables.d/mine.conf"] = "8 mine\n";
  files.contents["/opt/rt_tables"] = "9 other\n";
  IprouteNames names(files, {});
  EXPECT_EQ(names.find(Kind::kTable, "blue", 255), 7);
  EXPECT_EQ(names.find(Kind::kTable, "red", 255), 6);
  EXPECT_EQ(names.find(Kind::kTable, "mine", 255), 8);
  EXPECT_EQ(names.find(Kind::kTable, "main", 255), 254);
  EXPECT_EQ(names.find(Kind::kTable, "0x14", 255), 20);
  EXPECT_EQ(names.find(Kind::kTable, "010", 255), 8);
  EXPECT_EQ(names.find(Kind::kTable, "256", 255), std::nullopt);
  EXPECT_EQ(names.find(Kind::kTable, "", 255), std::nullopt);
  EXPECT_EQ(names.find(Kind::kScope, "site", 255), 200);
  IprouteNames elsewhere(files, {{"/nowhere"}, "/opt"});
  EXPECT_EQ(elsewhere.find(Kind::kTable, "other", 255), 9);
  EXPECT_EQ(elsewhere.find(Kind::kTable, "blue", 255), std::nullopt);
}

TEST(IprouteNames, OfOneFileHaveALimit) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += std::to_string(i) + " name" + std::to_string(i) + "\n";
  }
  NumberNames names;
  readNumberNames(text + "5 " + std::string(100, 'x') + "\n", names);
  EXPECT_EQ(names.size(), 4096U);
}

}  // namespace
}  // namespace holdfast::config
