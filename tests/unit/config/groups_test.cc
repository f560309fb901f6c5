// Rules about groups, trackers, links and authentication. Messages and exit codes are those that
// keepalived 2.2.7 was seen to give.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/config/compile.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

std::string one(const std::string& name, const std::string& number, const std::string& more) {
  return "vrrp_instance " + name + " {\ninterface eth" + number + "\nvirtual_router_id 1" + number +
         "\n" + more + "\nvirtual_ipaddress { 10.9." + number + ".9/24 }\n}\n";
}
std::string alone(const std::string& more) {
  return one("A", "0", more);
}
std::string grouped(const std::string& a, const std::string& b, const std::string& group = "") {
  return "vrrp_script s {\nscript /bin/s\n}\ntrack_file f {\nfile /run/f\n}\n"
         "vrrp_track_process p {\nprocess x\n}\nbfd_instance b {\nneighbor_ip 10.9.0.7\n}\n" +
         one("A", "0", a) + one("B", "1", b) + "vrrp_sync_group G {\ngroup { A B }\n" + group +
         "\n}\n";
}

struct Rule {
  std::string text;
  std::string message;  // that has to be there; empty: no error at all
  std::uint32_t exitCode = 5;
};

class Rules : public testing::TestWithParam<Rule> {};

TEST_P(Rules, SayWhatKeepalivedSays) {
  const Compilation compilation = compileText(GetParam().text);
  const auto& all = compilation.report.all();
  EXPECT_EQ(compilation.report.exitCode(), GetParam().exitCode) << GetParam().text;
  std::string said;
  for (const Diagnostic& diagnostic : all) {
    said += diagnostic.message + "\n";
  }
  EXPECT_TRUE(GetParam().message.empty() || std::any_of(all.begin(), all.end(),
                                                        [](const Diagnostic& diagnostic) {
                                                          return diagnostic.message ==
                                                                 GetParam().message;
                                                        }))
      << GetParam().text << said;
}

INSTANTIATE_TEST_SUITE_P(
    Groups, Rules,
    testing::Values(
        Rule{grouped("", ""), "", 0},
        Rule{alone("") + "vrrp_sync_group G {\ngroup { A }\n}\n",
             "Sync group G has only 1 virtual router(s) - this probably isn't what you want"},
        Rule{alone("") + "vrrp_sync_group G {\ngroup { A Z }\n}\n",
             "Virtual router Z specified in sync group G doesn't exist - ignoring"},
        Rule{alone("") + "vrrp_sync_group G {\ngroup { Z }\n}\n",
             "Sync group G, no matching virtual router found in group declaration - removing"},
        Rule{alone("") + "vrrp_sync_group G {\n}\n",
             "Sync group G has no virtual router(s). removing"},
        Rule{grouped("", "") + "vrrp_sync_group H {\ngroup { A }\n}\n",
             "Virtual router A cannot exist in more than one sync group; ignoring H"},
        Rule{grouped("track_script {\ns weight 5\n}", ""),
             "(A) ignoring tracked script s with weights due to SYNC group"},
        Rule{grouped("track_file { f }", ""),
             "(A) ignoring weight from tracked file f due to SYNC group. specify weight 0"},
        Rule{grouped("track_bfd {\nb weight 5\n}", ""),
             "(A) ignoring tracked bfd b with weight 5 due to SYNC group"},
        Rule{grouped("track_interface {\nlo weight 5\n}", ""),
             "(A) ignoring lo tracked interface weight due to SYNC group"},
        Rule{grouped("track_script {\ns weight 5\n}", "", "sync_group_tracking_weight"), "", 0},
        Rule{grouped("", "", "track_interface { eth0 }"),
             "(A) track_interface eth0 is configured on VRRP instance and sync group. Remove vrrp "
             "instance or sync group config"},
        Rule{grouped("priority 255", "priority 255", "track_file { f }"),
             "(G) Cannot have weighted track file 'f' with member having priority 255 - setting "
             "weight 0"},
        Rule{grouped("priority 255\nstate MASTER", "state BACKUP"),
             "Sync group G has some member(s) as address owner and some not as address owner. "
             "This won't work."}));

INSTANTIATE_TEST_SUITE_P(
    Trackers, Rules,
    testing::Values(
        Rule{alone("track_file { f }") + "track_file f {\nfile /run/f\n}\n",
             "(A) track file f not found, ignoring..."},
        Rule{"track_file f {\n}\n" + alone(""), "No file set for track_file f - ignoring"},
        Rule{"vrrp_track_process p {\n}\n" + alone(""),
             "track process 'p' process name not specified"},
        Rule{"vrrp_track_process p {\nprocess x\nquorum 5\nquorum_max 3\n}\n" + alone(""),
             "quorum_max is less than quorum - ignoring"},
        Rule{"bfd_instance b {\n}\n" + alone(""),
             "Configuration error: BFD instance b has no neighbor address set, disabling instance"},
        Rule{"bfd_instance b {\nneighbor_ip 10.0.0.7\n}\nbfd_instance c {\nneighbor_ip "
             "10.0.0.7\n}\n" +
                 alone(""),
             "Configuration error: BFD instance c has duplicate neighbor address 10.0.0.7, "
             "ignoring instance"},
        Rule{"bfd_instance b {\nneighbor_ip 10.0.0.7\nchecker\n}\n" + alone("track_bfd { b }"),
             "(A) track bfd b not found, ignoring..."},
        Rule{alone("") + "linkbeat_interfaces {\nnone\n}\n",
             "unknown interface none specified for linkbeat interface", 4},
        Rule{alone("") + "garp_group {\ninterface eth0\n}\n",
             "garp group 0 does not have any delay set - removing"}));

INSTANTIATE_TEST_SUITE_P(
    Links, Rules,
    testing::Values(
        Rule{alone("use_vmac"), "", 0},
        Rule{alone("vmac_xmit_base"), "(A) vmac_xmit_base is only valid with a vmac"},
        Rule{alone("use_vmac eth1"),
             "(A) interface eth1 already exists and is not a private macvlan; ignoring vmac "
             "if_name"},
        Rule{alone("use_vmac v") + one("B", "1", "use_vmac v"),
             "(B) VRRP instance A is already using v - ignoring name"},
        Rule{alone("use_vmac\nunicast_src_ip 10.9.0.1\nunicast_peer { 10.9.0.2 }"),
             "(A) unicast with use_vmac requires vmac_xmit_base - setting"},
        Rule{alone("strict_mode\nuse_vmac v 02:01:02:03:04:05"),
             "(A): cannot specify MAC address with strict mode - clearing"},
        Rule{alone("use_ipvlan"),
             "(A) IPv4 ipvlan requires a source ip address to be configured. setting instance to "
             "fault state"},
        Rule{alone("vrf eth1"), "(A) Cannot specify VRF interface and interface - ignoring"}));

INSTANTIATE_TEST_SUITE_P(
    Authentication, Rules,
    testing::Values(
        Rule{alone("authentication {\nauth_pass x\n}"), "", 0},
        Rule{alone("authentication {\nauth_type PASS\n}"),
             "(A) Authentication specified but no password given. Ignoring"},
        Rule{alone("version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}"),
             "(A) VRRP version 3 does not support authentication. Ignoring."},
        Rule{alone("strict_mode\nauthentication {\nauth_type PASS\nauth_pass x\n}"),
             "(A) Strict mode does not support authentication. Ignoring."},
        Rule{alone("state MASTER\npriority 9\nauthentication {\nauth_type AH\nauth_pass x\n}"),
             "(A) Initial state master is incompatible with AH authentication - clearing"},
        Rule{alone("authentication {\nauth_type PASS\nauth_pass 123456789\n}"),
             "Truncating auth_pass to 8 characters"},
        Rule{alone("auth_hmac {\nkey 1 short\n}"), "(A) auth_hmac has no usable key"},
        Rule{alone("auth_hmac {\nkey 1 0123456789abcdef0123456789abcdef\n}"),
             "(A) auth_hmac cannot be kept by this version. setting instance to fault state"}));

TEST(SyncGroup, StartsAsBackupUnlessAllAreOwners) {
  EXPECT_EQ(
      SealedFields(grouped("state MASTER\npriority 90", "")).at("vrrp.instances[0].initialState"),
      "backup");
  EXPECT_EQ(SealedFields(grouped("state MASTER\npriority 255", "state MASTER\npriority 255"))
                .at("vrrp.instances[0].initialState"),
            "master");
}

TEST(Link, HasAFreeName) {
  const SealedFields sealed(one("A", "0", "use_vmac") + one("B", "1", "use_vmac vrrp.10"));
  EXPECT_EQ(sealed.at("vrrp.interfaces[1]"), "vrrp1.10");
  EXPECT_EQ(sealed.at("broker.links[1].interface"), "3");
  EXPECT_EQ(sealed.at("vrrp.interfaces[3]"), "vrrp.10");
}

TEST(Link, HoldsTheAddressesOfItsInterface) {
  const SealedFields sealed(
      alone("use_vmac\nvirtual_ipaddress_excluded {\n10.9.5.9 dev eth1\n10.9.6.9 dev eth0\n}"));
  const std::string addresses = "broker.instances[0].addresses";
  EXPECT_EQ(sealed.at(addresses + "[0].hasLink"), "true");
  EXPECT_EQ(sealed.at(addresses + "[0].link"), sealed.at("broker.instances[0].link"));
  EXPECT_EQ(sealed.at(addresses + "[1].hasLink"), "false");
  EXPECT_EQ(sealed.at(addresses + "[2].hasLink"), "true");
}

}  // namespace
}  // namespace holdfast::config
