// Defaults, names and users as the daemons get them.
#include <gtest/gtest.h>
#include <linux/if_addr.h>

#include "config/compiler.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Plan planOf(const std::string& text, const std::string& extraUsers = {}) {
  Compilation compilation = compileText(text, extraUsers);
  EXPECT_FALSE(compilation.report.refused())
      << (compilation.report.all().empty() ? "" : compilation.report.all()[0].message);
  return std::move(compilation.plan);
}

PlannedInstance instanceOf(const std::string& more, const std::string& before = {}) {
  Plan plan =
      planOf(before + "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n" + more + "\n}\n");
  return plan.instances.at(0);
}

const std::string kAddress = "virtual_ipaddress { 10.9.0.9/24 }\n";

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

TEST(Plan, HasKeepalivedsDefaults) {
  const PlannedInstance instance = instanceOf(kAddress);
  EXPECT_EQ(instance.family, AddressFamily::kIpv4);
  EXPECT_EQ(instance.version, 2);
  EXPECT_EQ(instance.priority, 100);
  EXPECT_EQ(instance.state, State::kBackup);
  EXPECT_EQ(instance.advertInterval, seconds(1));
  EXPECT_TRUE(instance.preempt);
  EXPECT_EQ(instance.preemptDelay, seconds(0));
  EXPECT_EQ(instance.downTimerAdverts, 3U);
  EXPECT_TRUE(instance.trackPrimary);
  EXPECT_FALSE(instance.source.has_value());
  EXPECT_EQ(instance.group, ip("224.0.0.18"));
  EXPECT_EQ(instance.ttl, 255);
  EXPECT_EQ(instance.announceDelay, seconds(5));
  EXPECT_EQ(instance.announceRepeat, 5U);
  EXPECT_EQ(instance.announceRefresh, seconds(0));
  EXPECT_EQ(instance.announceRefreshRepeat, 1U);
  EXPECT_EQ(instance.announceLowerPriorityDelay, seconds(5));
  EXPECT_EQ(instance.announceLowerPriorityRepeat, 5U);
  EXPECT_TRUE(instance.accept);
  EXPECT_FALSE(instance.lowerPriorityNoAdvert);
}

TEST(Plan, ElectsAnOwnerWhereAMasterHasNoPriority) {
  EXPECT_EQ(instanceOf(kAddress + "state MASTER").priority, 255);
  EXPECT_EQ(instanceOf(kAddress + "state MASTER\npriority 300").priority, 100);
  EXPECT_EQ(instanceOf(kAddress + "state MASTER\npriority 90").state, State::kMaster);
  EXPECT_EQ(instanceOf(kAddress + "priority 255").state, State::kMaster);
  EXPECT_EQ(instanceOf(kAddress + "priority 255\nstate BACKUP").state, State::kBackup);
}

TEST(Plan, ChoosesTheVersion) {
  const std::string ipv6 = "virtual_ipaddress { fe80::9 }\n";
  EXPECT_EQ(instanceOf(ipv6).version, 3);
  EXPECT_EQ(instanceOf(ipv6).group, ip("ff02::12"));
  EXPECT_EQ(instanceOf(ipv6 + "version 2").version, 2);
  EXPECT_EQ(instanceOf(ipv6, "global_defs { vrrp_version 2\n}\n").version, 3);
  EXPECT_EQ(instanceOf(kAddress, "global_defs { vrrp_version 3\n}\n").version, 3);
  EXPECT_EQ(instanceOf(kAddress + "version 2", "global_defs { vrrp_version 3\n}\n").version, 2);
}

TEST(Plan, RoundsTheInterval) {
  EXPECT_EQ(instanceOf(kAddress + "advert_int 1.5").advertInterval, seconds(2));
  EXPECT_EQ(instanceOf(kAddress + "advert_int 0.4").advertInterval, seconds(1));
  EXPECT_EQ(instanceOf(kAddress + "version 3\nadvert_int 0.4").advertInterval, milliseconds(400));
  EXPECT_EQ(instanceOf(kAddress + "version 3\nadvert_int 1.014").advertInterval,
            milliseconds(1010));
  EXPECT_EQ(instanceOf(kAddress + "version 3\nadvert_int 60").advertInterval, milliseconds(40950));
}

TEST(Plan, TakesGlobalDefaults) {
  const std::string globals =
      "global_defs {\nvrrp_garp_master_delay 7\nvrrp_garp_master_repeat 3\n"
      "vrrp_garp_master_refresh 60\nvrrp_garp_master_refresh_repeat 2\n"
      "vrrp_lower_prio_no_advert\nvrrp_higher_prio_send_advert true\nvrrp_down_timer_adverts 4\n"
      "vrrp_check_unicast_src\nvrrp_skip_check_adv_addr\nvrrp_mcast_group4 224.0.0.99\n"
      "vrrp_garp_interval 0.001\nvrrp_gna_interval 0.000001\nvrrp_startup_delay 1.5\n}\n";
  const PlannedInstance instance = instanceOf(kAddress, globals);
  EXPECT_EQ(instance.announceDelay, seconds(7));
  EXPECT_EQ(instance.announceRepeat, 3U);
  EXPECT_EQ(instance.announceRefresh, seconds(60));
  EXPECT_EQ(instance.announceRefreshRepeat, 2U);
  EXPECT_EQ(instance.announceLowerPriorityDelay, seconds(7));
  EXPECT_EQ(instance.announceLowerPriorityRepeat, 3U);
  EXPECT_TRUE(instance.lowerPriorityNoAdvert);
  EXPECT_TRUE(instance.higherPrioritySendAdvert);
  EXPECT_EQ(instance.downTimerAdverts, 4U);
  EXPECT_TRUE(instance.checkUnicastSource);
  EXPECT_TRUE(instance.skipCheckAdvertAddresses);
  EXPECT_EQ(instance.group, ip("224.0.0.99"));
  const Plan plan = planOf(globals);
  EXPECT_EQ(plan.arpInterval, milliseconds(1));
  EXPECT_EQ(plan.naInterval, std::chrono::microseconds(1));
  EXPECT_EQ(plan.startupDelay, milliseconds(1500));
}

TEST(Plan, DerivesTheLowerPriorityBurstFromTheGlobalOne) {
  const PlannedInstance instance =
      instanceOf(kAddress + "garp_master_delay 7\ngarp_master_repeat 3");
  EXPECT_EQ(instance.announceRepeat, 3U);
  EXPECT_EQ(instance.announceLowerPriorityDelay, seconds(5));
  EXPECT_EQ(instance.announceLowerPriorityRepeat, 5U);
  EXPECT_EQ(instanceOf(kAddress + "garp_lower_prio_repeat 0").announceLowerPriorityRepeat, 0U);
  EXPECT_EQ(instanceOf(kAddress + "garp_master_repeat 0").announceRepeat, 1U);
}

TEST(Plan, MinimalAnnouncements) {
  const PlannedInstance instance = instanceOf(kAddress, "global_defs { vrrp_min_garp\n}\n");
  EXPECT_EQ(instance.announceRepeat, 1U);
  EXPECT_EQ(instance.announceDelay, seconds(0));
}

TEST(Plan, Unicast) {
  const PlannedInstance instance =
      instanceOf(kAddress +
                 "unicast_src_ip 10.9.0.1\nunicast_ttl 64\n"
                 "unicast_peer {\n10.9.0.2\n10.9.0.3 min_ttl 60 max_ttl 64\n10.9.0.2\n}");
  EXPECT_EQ(instance.source, ip("10.9.0.1"));
  EXPECT_EQ(instance.ttl, 64);
  ASSERT_EQ(instance.peers.size(), 2U);
  EXPECT_EQ(instance.peers[0].maxTtl, 255);
  EXPECT_EQ(instance.peers[1].minTtl, 60);
  EXPECT_TRUE(instance.checkUnicastSource);
}

TEST(Plan, UnicastNeedsNoInterface) {
  const Plan plan = planOf(
      "vrrp_instance A {\nvirtual_router_id 5\nunicast_src_ip 10.9.0.1\n"
      "unicast_peer { 10.9.0.2 }\nvirtual_ipaddress {\n10.9.0.9\n10.9.0.10 dev eth1\n}\n}\n");
  EXPECT_FALSE(plan.instances.at(0).interface.has_value());
  EXPECT_EQ(plan.interfaces, (std::vector<std::string>{"eth0", "eth1"}));
  EXPECT_EQ(plan.instances[0].addresses.at(0).interface, 0U);
  EXPECT_EQ(plan.instances[0].addresses.at(1).interface, 1U);
}

struct AddressCase {
  std::string line;
  PlannedAddress expected;
};

class Addresses : public testing::TestWithParam<AddressCase> {};

TEST_P(Addresses, AreResolved) {
  const PlannedInstance instance =
      instanceOf("virtual_ipaddress_excluded {\n" + GetParam().line + "\n}\n" + kAddress);
  ASSERT_EQ(instance.addresses.size(), 2U);
  PlannedAddress expected = GetParam().expected;
  expected.excluded = true;
  EXPECT_EQ(instance.addresses[1], expected) << GetParam().line;
  EXPECT_EQ(instance.advertised, std::vector<IpAddress>{ip("10.9.0.9")});
}

PlannedAddress address(const char* text, std::uint8_t length, std::uint32_t flags = 0,
                       std::uint32_t preferred = 0xffffffff) {
  PlannedAddress result;
  result.address = ip(text);
  result.prefixLength = length;
  result.flags = flags;
  result.preferredLifetime = preferred;
  return result;
}
template <typename Change>
PlannedAddress with(PlannedAddress result, Change change) {
  change(result);
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    Options, Addresses,
    testing::Values(
        AddressCase{"10.9.1.1", address("10.9.1.1", 32)},
        AddressCase{"10.9.1.1/24", address("10.9.1.1", 24)},
        AddressCase{"fd00::1", address("fd00::1", 128, IFA_F_NODAD, 0)},
        AddressCase{"fd00::1/64", address("fd00::1", 64, IFA_F_NODAD)},
        AddressCase{"fd00::1 preferred_lft forever", address("fd00::1", 128, IFA_F_NODAD)},
        AddressCase{"fd00::1/64 preferred_lft 60", address("fd00::1", 64, IFA_F_NODAD, 60)},
        AddressCase{"fd00::1/64 -nodad", address("fd00::1", 64, 0)},
        AddressCase{"fd00::1/64 home mngtmpaddr noprefixroute autojoin",
                    address("fd00::1", 64,
                            IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |
                                IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)},
        AddressCase{"10.9.1.1 scope link no_track label eth0:1", with(address("10.9.1.1", 32),
                                                                      [](PlannedAddress& a) {
                                                                        a.scope = 253;
                                                                        a.tracked = false;
                                                                        a.label = "eth0:1";
                                                                      })},
        AddressCase{"10.9.1.1/24 brd +",
                    with(address("10.9.1.1", 24),
                         [](PlannedAddress& a) { a.broadcast = ip("10.9.1.255"); })},
        AddressCase{
            "10.9.1.1/20 broadcast -",
            with(address("10.9.1.1", 20), [](PlannedAddress& a) { a.broadcast = ip("10.9.0.0"); })},
        AddressCase{
            "10.9.1.1 peer 10.9.1.2",
            with(address("10.9.1.1", 32), [](PlannedAddress& a) { a.peer = ip("10.9.1.2"); })},
        AddressCase{"10.9.1.1 dev eth1 scope 7",
                    with(address("10.9.1.1", 32), [](PlannedAddress& a) {
                      a.interface = 1;
                      a.scope = 7;
                    })}));

TEST(Plan, AdvertisesAtMost255Addresses) {
  std::string list;
  for (int i = 0; i < 300; ++i) {
    list += "10.8." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1) + "\n";
  }
  const PlannedInstance instance = instanceOf("virtual_ipaddress {\n" + list + "}");
  EXPECT_EQ(instance.advertised.size(), 255U);
  EXPECT_EQ(instance.addresses.size(), 300U);
}

const std::string kScripts =
    "vrrp_script a {\nscript \"/bin/a 'x y'\"\ninterval 2.5\ntimeout 1\nweight -5 reverse\n"
    "rise 2\nfall 3\ninit_fail\nuser postfix mail\n}\n"
    "vrrp_script b {\nscript /bin/b\n}\n"
    "vrrp_script unused {\nscript /bin/c\nuser postfix\n}\n"
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\npriority 90\n" +
    kAddress +
    "track_script {\na\nb weight 10 reverse\n}\n"
    "track_interface {\neth1 weight -20\n}\n"
    "notify_fault \"/bin/f 1\" postfix\nnotify /bin/n\nnotify_master /bin/m\n}\n";

TEST(Plan, GroupsScriptsByIdentity) {
  const Plan plan = planOf(kScripts);
  ASSERT_EQ(plan.identities.size(), 3U);
  EXPECT_EQ(plan.identities[0].userName, "postfix");
  EXPECT_EQ(plan.identities[0].groupName, "mail");
  EXPECT_EQ(plan.identities[0].uid, 89U);
  EXPECT_EQ(plan.identities[0].gid, 8U);
  EXPECT_EQ(plan.identities[1].userName, "root");
  EXPECT_EQ(plan.identities[2].groupName, "postfix");
  ASSERT_EQ(plan.identities[0].periodic.size(), 1U);
  EXPECT_EQ(plan.identities[0].periodic[0].arguments, (std::vector<std::string>{"/bin/a", "x y"}));
  EXPECT_EQ(plan.identities[0].periodic[0].interval, milliseconds(2500));
  EXPECT_EQ(plan.identities[0].periodic[0].timeout, seconds(1));
  EXPECT_EQ(plan.identities[1].periodic[0].timeout, seconds(1));
  ASSERT_EQ(plan.identities[1].paths.size(), 3U);
  EXPECT_EQ(plan.identities[1].paths[1].usedBy, "A notify_master");
  EXPECT_EQ(plan.identities[1].paths[0].usedBy, "vrrp_script b");
  EXPECT_EQ(plan.identities[1].paths[0].line, 12U);
  EXPECT_EQ(plan.identities[2].hooks.at(0).arguments, (std::vector<std::string>{"/bin/f", "1"}));
}

TEST(Plan, TracksByIndex) {
  const Plan plan = planOf(kScripts);
  ASSERT_EQ(plan.trackScripts.size(), 2U);
  EXPECT_EQ(plan.trackScripts[0].rise, 2U);
  EXPECT_EQ(plan.trackScripts[0].fall, 3U);
  EXPECT_TRUE(plan.trackScripts[0].initFail);
  const PlannedInstance& instance = plan.instances.at(0);
  ASSERT_EQ(instance.scripts.size(), 2U);
  EXPECT_EQ(instance.scripts[0].weight, -5);
  EXPECT_TRUE(instance.scripts[0].reverse);
  EXPECT_EQ(instance.scripts[1].index, 1U);
  EXPECT_EQ(instance.scripts[1].weight, 10);
  EXPECT_TRUE(instance.scripts[1].reverse);
  ASSERT_EQ(instance.interfaces.size(), 1U);
  EXPECT_EQ(plan.interfaces.at(instance.interfaces[0].index), "eth1");
  EXPECT_EQ(instance.interfaces[0].weight, -20);
}

// What is tracked and cannot be run must not look as if it were not tracked.
TEST(Plan, ATrackedScriptThatNobodyCanRunStaysAndHasFailed) {
  for (const std::string lines : {"script /bin/a\nuser nobody_here\n", "script ./a\n"}) {
    const Plan plan = planOf("vrrp_script a {\n" + lines +
                             "}\nvrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n" +
                             kAddress + "track_script { a }\n}\n");
    ASSERT_EQ(plan.trackScripts.size(), 1U);
    EXPECT_TRUE(plan.trackScripts[0].neverRuns);
    EXPECT_TRUE(plan.identities.empty());
    EXPECT_EQ(plan.instances.at(0).scripts.size(), 1U);
  }
  EXPECT_FALSE(planOf(kScripts).trackScripts[0].neverRuns);
}

TEST(Plan, RunsAStatesOwnHookBeforeTheGeneralOne) {
  const Plan plan = planOf(kScripts);
  const std::vector<HookReference>& hooks = plan.instances.at(0).hooks;
  ASSERT_EQ(hooks.size(), 3U);
  EXPECT_EQ(hooks[0].event, HookEvent::kMaster);
  EXPECT_EQ(hooks[1].event, HookEvent::kFault);
  EXPECT_EQ(hooks[2].event, HookEvent::kAny);
  EXPECT_EQ(plan.identities.at(hooks[2].identity).hooks.at(hooks[2].hook).arguments.at(0),
            "/bin/n");
}

TEST(Plan, TheDefaultUserIsKeepalivedScriptIfThereIsOne) {
  const std::string text =
      "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\npriority 90\nnotify /bin/n\n" +
      kAddress + "}\n";
  EXPECT_EQ(planOf(text).identities.at(0).userName, "root");
  EXPECT_EQ(planOf(text, "keepalived_script:x:700:700::/:/bin/false\n").identities.at(0).uid, 700U);
  EXPECT_EQ(planOf("global_defs {\nscript_user postfix\n}\n" + text,
                   "keepalived_script:x:700:700::/:/bin/false\n")
                .identities.at(0)
                .uid,
            89U);
}

TEST(Plan, AnOwnerTracksWithoutWeightsOnly) {
  const PlannedInstance instance =
      instanceOf(kAddress + "priority 255\ntrack_script {\ns weight 5\nt\n}",
                 "vrrp_script s {\nscript /bin/a\n}\nvrrp_script t {\nscript /bin/b\n}\n");
  ASSERT_EQ(instance.scripts.size(), 1U);
  EXPECT_EQ(instance.scripts[0].index, 1U);
}

TEST(Plan, KnowsWhatTheSupervisorNeeds) {
  const Plan plan = planOf(
      "net_namespace red\ninstance one\nuse_pid_dir\nchild_wait_time 2\nglobal_defs {\n"
      "enable_script_security\nscript_no_new_privs\nvrrp_priority -5\nvrrp_rt_priority 50\n"
      "vrrp_no_swap\nlog_unknown_vrids\n}\n");
  EXPECT_EQ(plan.netNamespace, "red");
  EXPECT_EQ(plan.instanceName, "one");
  EXPECT_TRUE(plan.usePidDirectory);
  EXPECT_EQ(plan.childWait, seconds(2));
  EXPECT_TRUE(plan.scriptSecurity);
  EXPECT_TRUE(plan.scriptNoNewPrivileges);
  EXPECT_EQ(plan.vrrpPriority, -5);
  EXPECT_EQ(plan.vrrpRealtimePriority, 50);
  EXPECT_TRUE(plan.vrrpNoSwap);
  EXPECT_TRUE(plan.logUnknownVrids);
}

TEST(Plan, LaterInterfacesAreAllowedWhereTheFileSaysSo) {
  const std::string text = "interface later0\n" + kAddress;
  EXPECT_TRUE(instanceOf(text, "global_defs {\ndynamic_interfaces\n}\n").interface.has_value());
  EXPECT_TRUE(instanceOf(text, "net_namespace red\n").interface.has_value());
}

TEST(Digest, IsThatOfThePreprocessedText) {
  const Digest digest = planOf("vrrp_script a {\nscript /bin/a\n}\n").digest;
  EXPECT_EQ(planOf("$N=a\n\n  vrrp_script ${N} { # x\n  script /bin/$N\n@main }\n").digest, digest)
      << "comments, indentation and parameters do not count";
  EXPECT_NE(planOf("vrrp_script a {\nscript /bin/b\n}\n").digest, digest);
}

}  // namespace
}  // namespace holdfast::config
