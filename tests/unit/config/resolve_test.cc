// Defaults, names and users as the daemons get them.
#include <gtest/gtest.h>

#include "ipc/sealed.h"
#include "tests/unit/config/compile.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

using Expected = std::vector<std::pair<const char*, const char*>>;

const std::string kAddress = "virtual_ipaddress { 10.9.0.9/24 }\n";

std::string instance(const std::string& more) {
  return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n" + more + "\n}\n";
}

void expectAll(const std::string& text, const std::string& object, const Expected& expected) {
  const SealedFields sealed(text);
  for (const auto& [field, value] : expected) {
    EXPECT_EQ(sealed.at(object + field), value) << field << "\n" << text;
  }
}

// Of the instance of `text`, as vrrpd and as privd get it.
void expectVrrp(const std::string& text, const Expected& expected) {
  expectAll(text, "vrrp.instances[0].", expected);
}
void expectBroker(const std::string& text, const Expected& expected) {
  expectAll(text, "broker.instances[0].", expected);
}

TEST(Resolve, HasKeepalivedsDefaults) {
  expectVrrp(instance(kAddress), {{"family", "ipv4"},
                                  {"version", "2"},
                                  {"basePriority", "100"},
                                  {"initialState", "backup"},
                                  {"advertIntervalNs", "1000000000"},
                                  {"preempt", "true"},
                                  {"preemptDelayNs", "0"},
                                  {"downTimerAdverts", "3"},
                                  {"trackPrimary", "true"},
                                  {"hasSource", "false"},
                                  {"group", "224.0.0.18"},
                                  {"ttl", "255"},
                                  {"announceDelayNs", "5000000000"},
                                  {"announceRefreshNs", "0"},
                                  {"announceLowerPriorityDelayNs", "5000000000"},
                                  {"announceLowerPriorityRepeat", "5"},
                                  {"oldUnicastChecksum", "detect"},
                                  {"accept", "true"},
                                  {"lowerPriorityNoAdvert", "false"}});
  expectBroker(instance(kAddress), {{"announceMasterRepeat", "5"},
                                    {"announceRefreshRepeat", "1"},
                                    {"absenceLimitNs", "3000000000"},
                                    {"ttl", "255"}});
}

TEST(Resolve, ElectsAnOwnerWhereAMasterHasNoPriority) {
  expectVrrp(instance(kAddress + "state MASTER"), {{"basePriority", "255"}});
  expectVrrp(instance(kAddress + "state MASTER\npriority 300"), {{"basePriority", "100"}});
  expectVrrp(instance(kAddress + "state MASTER\npriority 90"), {{"initialState", "master"}});
  expectVrrp(instance(kAddress + "priority 255"), {{"initialState", "master"}});
  expectVrrp(instance(kAddress + "priority 255\nstate BACKUP"), {{"initialState", "backup"}});
}

TEST(Resolve, ChoosesTheVersion) {
  const std::string ipv6 = "virtual_ipaddress { fe80::9 }\n";
  expectVrrp(instance(ipv6), {{"version", "3"}, {"group", "ff02::12"}});
  expectVrrp(instance(ipv6 + "version 2"), {{"version", "2"}});
  expectVrrp("global_defs { vrrp_version 2\n}\n" + instance(ipv6), {{"version", "3"}});
  expectVrrp("global_defs { vrrp_version 3\n}\n" + instance(kAddress), {{"version", "3"}});
  expectVrrp("global_defs { vrrp_version 3\n}\n" + instance(kAddress + "version 2"),
             {{"version", "2"}});
}

TEST(Resolve, RoundsTheInterval) {
  for (const auto& [lines, interval] :
       {std::pair("advert_int 1.5", "2000000000"), std::pair("advert_int 0.4", "1000000000"),
        std::pair("version 3\nadvert_int 0.4", "400000000"),
        std::pair("version 3\nadvert_int 1.014", "1010000000"),
        std::pair("version 3\nadvert_int 60", "40950000000")}) {
    expectVrrp(instance(kAddress + lines), {{"advertIntervalNs", interval}});
  }
}

TEST(Resolve, DerivesTheLowerPriorityBurstFromTheGlobalOne) {
  expectVrrp(
      instance(kAddress + "garp_master_delay 7\ngarp_master_repeat 3"),
      {{"announceLowerPriorityDelayNs", "5000000000"}, {"announceLowerPriorityRepeat", "5"}});
  expectVrrp(
      "global_defs {\nvrrp_garp_master_delay 7\nvrrp_garp_master_repeat 3\n}\n" +
          instance(kAddress),
      {{"announceLowerPriorityDelayNs", "7000000000"}, {"announceLowerPriorityRepeat", "3"}});
  expectVrrp(instance(kAddress + "garp_lower_prio_repeat 0"),
             {{"announceLowerPriorityRepeat", "0"}});
  expectBroker(instance(kAddress + "garp_master_repeat 0"), {{"announceMasterRepeat", "1"}});
  expectVrrp("global_defs { vrrp_min_garp\n}\n" + instance(kAddress), {{"announceDelayNs", "0"}});
}

TEST(Resolve, Unicast) {
  const std::string text =
      instance(kAddress +
               "unicast_src_ip 10.9.0.1\n"
               "unicast_peer {\n10.9.0.2\n10.9.0.3 min_ttl 60 max_ttl 64\n10.9.0.2\n}");
  expectVrrp(text, {{"source", "10.9.0.1"},
                    {"peers.size", "2"},
                    {"peers[0].maxTtl", "255"},
                    {"peers[1].minTtl", "60"},
                    {"checkUnicastSource", "true"}});
  expectVrrp(instance(kAddress + "unicast_ttl 9"), {{"ttl", "255"}});
}

TEST(Resolve, UnicastNeedsNoInterface) {
  expectAll(
      "vrrp_instance A {\nvirtual_router_id 5\nunicast_src_ip 10.9.0.1\n"
      "unicast_peer { 10.9.0.2 }\nvirtual_ipaddress {\n10.9.0.9\n10.9.0.10 dev eth1\n}\n}\n",
      "broker.",
      {{"instances[0].hasInterface", "false"},
       {"interfaces[0]", "eth0"},
       {"interfaces[1]", "eth1"},
       {"instances[0].addresses[0].interface", "0"},
       {"instances[0].addresses[1].interface", "1"}});
}

TEST(Resolve, Addresses) {
  const auto expectAddress = [](const std::string& line, const Expected& expected) {
    expectAll(instance("virtual_ipaddress_excluded {\n" + line + "\n}\n" + kAddress),
              "broker.instances[0].addresses[1].", expected);
  };
  expectAddress("10.9.1.1", {{"prefixLength", "32"},
                             {"flags", "0"},
                             {"preferredLifetimeSeconds", "4294967295"},
                             {"tracked", "true"},
                             {"hasPeer", "false"},
                             {"hasBroadcast", "false"},
                             {"excluded", "true"}});
  expectAddress("fd00::1",
                {{"prefixLength", "128"}, {"flags", "2"}, {"preferredLifetimeSeconds", "0"}});
  expectAddress("fd00::1/64", {{"preferredLifetimeSeconds", "4294967295"}});
  expectAddress("fd00::1 preferred_lft forever", {{"preferredLifetimeSeconds", "4294967295"}});
  expectAddress("10.9.1.1/24 brd +", {{"broadcast", "10.9.1.255"}});
  expectAddress("10.9.1.1/20 broadcast -", {{"broadcast", "10.9.0.0"}});
  expectAddress("10.9.1.1/24 peer 10.9.1.2", {{"peer", "10.9.1.2"}, {"prefixLength", "32"}});
  expectAddress("10.9.1.1 dev eth1 scope 7", {{"interface", "1"}, {"scope", "7"}});
}

TEST(Resolve, AdvertisesAtMost255Addresses) {
  std::string list;
  for (int i = 0; i < 300; ++i) {
    list += "10.8." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1) + "\n";
  }
  const SealedFields sealed(instance("virtual_ipaddress {\n" + list + "}"));
  EXPECT_EQ(sealed.at("vrrp.instances[0].advertisedAddresses.size"), "255");
  EXPECT_EQ(sealed.at("broker.instances[0].addresses.size"), "300");
}

TEST(Resolve, RepeatedAddressesAreHeldOnce) {
  const SealedFields sealed(
      instance("virtual_ipaddress {\n10.9.0.9/24\n10.9.0.9/24\n10.9.0.9/24 dev eth1\n}"));
  EXPECT_EQ(sealed.at("vrrp.instances[0].advertisedAddresses.size"), "3");
  EXPECT_EQ(sealed.at("broker.instances[0].addresses.size"), "2");
  const SealedFields apart(
      instance("virtual_ipaddress {\n10.9.0.8/24\n10.9.0.9/24\n10.9.0.8/24\n}"));
  EXPECT_EQ(apart.at("broker.instances[0].addresses.size"), "2");
}

const std::string kScripts =
    "vrrp_script a {\nscript \"/bin/a --password 'x y'\"\ninterval 2.5\ntimeout 1\n"
    "weight -5 reverse\nrise 2\nfall 3\ninit_fail\nuser postfix mail\n}\n"
    "vrrp_script b {\nscript /bin/b\n}\n"
    "vrrp_script unused {\nscript /bin/c\nuser postfix\n}\n" +
    instance("priority 90\n" + kAddress +
             "track_script {\na\nb weight 10 reverse\n}\n"
             "track_interface {\neth1 weight -20\n}\n"
             "notify_fault \"/bin/f 1\" postfix\nnotify /bin/n\nnotify_master /bin/m\n");

TEST(Resolve, GroupsScriptsByIdentity) {
  expectAll(kScripts, "supervisor.identities",
            {{".size", "3"},
             {"[0].userName", "postfix"},
             {"[0].groupName", "mail"},
             {"[0].uid", "89"},
             {"[0].gid", "8"},
             {"[1].userName", "root"},
             {"[2].groupName", "postfix"},
             {"[1].scripts.size", "3"},
             {"[1].scripts[0].usedBy", "vrrp_script b"},
             {"[1].scripts[0].line", "12"},
             {"[1].scripts[1].usedBy", "A notify_master"}});
  expectAll(kScripts, "scripts",
            {{"[0].scripts.size", "1"},
             {"[0].scripts[0].arguments[0]", "/bin/a"},
             {"[0].scripts[0].arguments[2]", "x y"},
             {"[0].scripts[0].intervalNs", "2500000000"},
             {"[0].scripts[0].timeoutNs", "1000000000"},
             {"[1].scripts[0].timeoutNs", "1000000000"},
             {"[2].hooks[0].arguments[1]", "1"},
             {"[2].hooks[0].appendState", "false"}});
}

TEST(Resolve, TracksByIndex) {
  expectAll(kScripts, "vrrp.",
            {{"trackScripts.size", "2"},
             {"trackScripts[0].rise", "2"},
             {"trackScripts[0].initFail", "true"},
             {"trackScripts[0].neverRuns", "false"},
             {"instances[0].trackedScripts[0].weight", "-5"},
             {"instances[0].trackedScripts[0].reverse", "true"},
             {"instances[0].trackedScripts[1].script", "1"},
             {"instances[0].trackedScripts[1].weight", "10"},
             {"instances[0].trackedScripts[1].reverse", "true"},
             {"instances[0].trackedInterfaces.size", "1"},
             {"instances[0].trackedInterfaces[0].interface", "1"},
             {"interfaces[1]", "eth1"}});
}

// What is tracked and cannot be run must not look as if it were not tracked.
TEST(Resolve, ATrackedScriptThatNobodyCanRunStaysAndHasFailed) {
  for (const std::string lines : {"script /bin/a\nuser nobody_here\n", "script ./a\n"}) {
    expectAll("vrrp_script a {\n" + lines + "}\n" + instance(kAddress + "track_script { a }"), "",
              {{"vrrp.trackScripts[0].neverRuns", "true"},
               {"vrrp.instances[0].trackedScripts.size", "1"},
               {"supervisor.identities.size", "0"}});
  }
}

TEST(Resolve, RunsAStatesOwnHookBeforeTheGeneralOne) {
  expectVrrp(kScripts, {{"notifyHooks[0].event", "master"},
                        {"notifyHooks[1].event", "fault"},
                        {"notifyHooks[2].event", "any"},
                        {"notifyHooks[2].identity", "1"},
                        {"notifyHooks[2].hook", "1"}});
  expectAll(kScripts, "scripts[1].hooks[1].",
            {{"arguments[0]", "/bin/n"}, {"appendState", "true"}, {"instanceName", "A"}});
}

TEST(Resolve, TheDefaultUserIsKeepalivedScriptIfThereIsOne) {
  const std::string text = instance("priority 90\nnotify /bin/n\n" + kAddress);
  const std::string user = "keepalived_script:x:700:700::/:/bin/false\n";
  EXPECT_EQ(SealedFields(text).at("scripts[0].userName"), "root");
  EXPECT_EQ(SealedFields(text, user).at("scripts[0].uid"), "700");
  EXPECT_EQ(
      SealedFields("global_defs {\nscript_user postfix\n}\n" + text, user).at("scripts[0].uid"),
      "89");
}

TEST(Resolve, AnOwnerTracksWithoutWeightsOnly) {
  expectVrrp("vrrp_script s {\nscript /bin/a\n}\nvrrp_script t {\nscript /bin/b\n}\n" +
                 instance(kAddress + "priority 255\ntrack_script {\ns weight 5\nt\n}"),
             {{"trackedScripts.size", "1"}, {"trackedScripts[0].script", "1"}});
}

TEST(Resolve, LaterInterfacesAreAllowedWhereTheFileSaysSo) {
  const std::string text = instance("interface later0\n" + kAddress);
  expectVrrp("global_defs {\ndynamic_interfaces\n}\n" + text, {{"hasInterface", "true"}});
  expectVrrp("net_namespace red\n" + text, {{"hasInterface", "true"}});
}

TEST(Seal, KeepsCommandLinesFromEverybodyElse) {
  const SealedFields sealed(kScripts);
  for (const UniqueFd* fd :
       {&sealed.messages().supervisor, &sealed.messages().privd, &sealed.messages().vrrpd}) {
    const Result<SealedMapping> mapping = SealedMapping::map(fd->get());
    ASSERT_TRUE(mapping.ok());
    const auto bytes = mapping->words().asChars();
    EXPECT_EQ(std::string_view(bytes.begin(), bytes.size()).find("--password"),
              std::string_view::npos);
  }
}

TEST(Seal, PutsOneDigestOnAll) {
  const SealedFields sealed(kScripts);
  const std::string word = sealed.at("supervisor.digest.word0");
  EXPECT_NE(word, "0");
  for (const char* message : {"broker", "vrrp", "scripts[0]", "scripts[1]"}) {
    EXPECT_EQ(sealed.at(std::string(message) + ".digest.word0"), word);
  }
}

TEST(Seal, ACheckMakesEveryMessageThatMightBeTooLarge) {
  Compilation compilation = compileText(kScripts);
  EXPECT_FALSE(sealForCheck(compilation.plan, compilation.source)->vrrpd);
  compilation.plan.loadedBytes = kMaxSealedBytes;
  EXPECT_TRUE(sealForCheck(compilation.plan, compilation.source)->vrrpd);
}

TEST(Digest, IsThatOfThePreprocessedText) {
  const auto digestOf = [](const std::string& text) {
    return SealedFields(text).compilation().plan.digest;
  };
  const Digest digest = digestOf("vrrp_script a {\nscript /bin/a\n}\n");
  EXPECT_EQ(digestOf("$N=a\n\n  vrrp_script ${N} { # x\n  script /bin/$N\n@main }\n"), digest)
      << "comments, indentation and parameters do not count";
  EXPECT_NE(digestOf("vrrp_script a {\nscript /bin/b\n}\n"), digest);
}

}  // namespace
}  // namespace holdfast::config
