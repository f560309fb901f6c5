#include "vrrpd/receive_checks.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/vrrpd/datagram.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;

ReceiveRules multicastRules(Version version = Version::kV2) {
  return {.name = "VI_1",
          .version = version,
          .virtualRouterId = 10,
          .interval = 1s,
          .addresses = {ip("10.9.0.100")}};
}

ReceiveRules unicastRules(Version version = Version::kV2) {
  ReceiveRules rules = multicastRules(version);
  rules.peers = {{.address = ip("10.9.0.8")}, {.address = ip("10.9.0.9"), .minTtl = 64}};
  return rules;
}

Datagram unicastDatagram(Version version = Version::kV2) {
  return {.destination = ip("10.9.0.1"), .version = version};
}

std::optional<ReceivedAdvertisement> check(ReceiveChecks& checks, const Datagram& datagram,
                                           Actions& out,
                                           const std::optional<IpAddress>& master = {}) {
  const std::vector<std::uint8_t> bytes = datagram.bytes();
  const std::optional<Envelope> envelope = openIpv4(bytes);
  EXPECT_TRUE(envelope);
  return checks.check(*envelope, master, out);
}

std::string onlyText(const Actions& actions) {
  return actions.size() == 1 ? std::get<LogText>(actions[0]).text
                             : std::to_string(actions.size()) + " actions";
}

ReceiveRules rulesWith(AuthType type, const char* text) {
  ReceiveRules rules = multicastRules();
  rules.authentication = {type, password(text)};
  return rules;
}

struct Case {
  Reject reason;
  ReceiveRules rules;
  Datagram datagram;
  std::string text;
};

std::vector<Case> cases() {
  ReceiveRules checked = unicastRules();
  checked.checkUnicastSource = true;
  ReceiveRules never = unicastRules(Version::kV3);
  never.oldUnicastChecksum = OldUnicastChecksum::kNever;
  Datagram old = unicastDatagram(Version::kV3);
  old.style = ChecksumStyle::kMulticastPseudo;
  Datagram stranger = unicastDatagram();
  stranger.source = ip("10.9.0.7");
  Datagram far = unicastDatagram();
  far.ttl = 63;
  const ReceiveRules simple = rulesWith(AuthType::kSimplePassword, "secret99");
  const ReceiveRules sealed = rulesWith(AuthType::kAuthHeader, "secret99");
  return {
      {Reject::kLength,
       multicastRules(),
       {.patches = {{3, 3}}},
       "(VI_1) vrrp packet too short, length 40 and expect 48"},
      {Reject::kLength,
       multicastRules(),
       {.lengthError = -1},
       "(VI_1) vrrp packet too short, length 39 and expect 40"},
      {Reject::kLength,
       multicastRules(),
       {.lengthError = 4},
       "(VI_1) vrrp packet too long, length 44 and expect 40"},
      {Reject::kTtl,
       multicastRules(),
       {.ttl = 64},
       "(VI_1) invalid TTL/HL from 10.9.0.9. Received 64 and expect 255"},
      {Reject::kVersion,
       multicastRules(),
       {.version = Version::kV3},
       "(VI_1) wrong VRRP version from 10.9.0.9. Received 3 and expect 2"},
      {Reject::kVersion,
       multicastRules(Version::kV3),
       {},
       "(VI_1) wrong VRRP version from 10.9.0.9. Received 2 and expect 3"},
      {Reject::kAuthType, multicastRules(), {.patches = {{4, 7}}}, "(VI_1) Invalid auth type: 7"},
      {Reject::kAuthMismatch,
       multicastRules(),
       {.patches = {{4, 1}, {12, 's'}}},
       "(VI_1) received a 1 auth, expecting 0!"},
      {Reject::kAuthMismatch,
       multicastRules(),
       {.patches = {{4, 2}}},
       "(VI_1) received a 2 auth, expecting 0!"},
      {Reject::kProtocol,
       sealed,
       {},
       "(VI_1) received IP protocol 112 from 10.9.0.9, expecting 51 with authentication header"},
      {Reject::kProtocol,
       multicastRules(),
       {.authentication = sealed.authentication},
       "(VI_1) received IP protocol 51 from 10.9.0.9, expecting 112 without authentication header"},
      {Reject::kAuthMismatch, simple, {}, "(VI_1) received a 0 auth, expecting 1!"},
      {Reject::kAuthMismatch,
       sealed,
       {.patches = {{4, 1}}, .authentication = sealed.authentication},
       "(VI_1) received a 1 auth, expecting 2!"},
      {Reject::kPassword,
       simple,
       {.authentication = {AuthType::kSimplePassword, password("secret9")}},
       "(VI_1) received an invalid passwd from 10.9.0.9!"},
      {Reject::kCheckValue,
       sealed,
       {.authentication = {AuthType::kAuthHeader, password("secret9")}},
       "(VI_1) IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password ! "
       "Received from 10.9.0.9"},
      {Reject::kReplay,
       sealed,
       {.authentication = sealed.authentication, .sequence = 0},
       "(VI_1) IPSEC-AH : sequence number 0 already processed. Packet dropped. Local(0)"},
      {Reject::kInterval,
       multicastRules(),
       {.interval = 2s},
       "(VI_1) advertisement interval mismatch with 10.9.0.9 mine=1 sec rcv'd=2 sec"},
      {Reject::kType,
       multicastRules(),
       {.patches = {{0, 0x22}}},
       "(VI_1) Invalid packet type. 2 and expect 1"},
      {Reject::kTotalLength,
       multicastRules(),
       {.totalLengthError = -4},
       "(VI_1) ip payload length mismatch from 10.9.0.9. Received 16 and expect 20"},
      {Reject::kChecksum,
       multicastRules(),
       {.breakChecksum = true},
       "(VI_1) Invalid VRRPv2 checksum from 10.9.0.9"},
      {Reject::kChecksum,
       multicastRules(Version::kV3),
       {.version = Version::kV3, .style = ChecksumStyle::kPduOnly},
       "(VI_1) Invalid VRRPv3 checksum from 10.9.0.9"},
      {Reject::kChecksum, never, old, "(VI_1) Invalid VRRPv3 checksum from 10.9.0.9"},
      {Reject::kDestination,
       unicastRules(),
       {},
       "(VI_1) expected unicast advert from 10.9.0.9 but received it at 224.0.0.18"},
      {Reject::kDestination, multicastRules(), unicastDatagram(),
       "(VI_1) expected multicast advert from 10.9.0.9 but received it at 10.9.0.1"},
      {Reject::kAddressCount,
       multicastRules(),
       {.addresses = {ip("10.9.0.100"), ip("10.9.0.101")}},
       "(VI_1) expected 1 VIPs but received 2 from 10.9.0.9"},
      {Reject::kAddressList,
       multicastRules(),
       {.addresses = {ip("10.9.0.150")}},
       "(VI_1) ip address associated with VRID 10 not present in advert from 10.9.0.9: 10.9.0.100"},
      {Reject::kUnicastSource, checked, stranger,
       "(VI_1) unicast source address 10.9.0.7 not a unicast peer"},
      {Reject::kUnicastTtl, checked, far, "(VI_1) TTL/HL 63 from 10.9.0.9 not in range 64 - 255"},
  };
}

TEST(ReceiveChecks, EachCheckRejectsCountsAndSaysSoOnce) {
  std::set<Reject> covered;
  for (const Case& one : cases()) {
    covered.insert(one.reason);
    ReceiveChecks checks(one.rules);
    Actions out;
    EXPECT_FALSE(check(checks, one.datagram, out)) << one.text;
    EXPECT_EQ(onlyText(out), one.text);
    EXPECT_EQ(checks.counters().of(one.reason), 1U) << one.text;
    EXPECT_EQ(checks.counters().accepted, 0U);
    EXPECT_EQ(checks.counters().received, one.reason > Reject::kDestination ? 1U : 0U);
    EXPECT_FALSE(check(checks, one.datagram, out));
    EXPECT_EQ(out.size(), 1U) << "logged twice: " << one.text;
    EXPECT_EQ(checks.counters().of(one.reason), 2U);
  }
  EXPECT_EQ(covered.size(), kRejectCount) << "a check without a crafted packet";
}

TEST(ReceiveChecks, TheirOrderIsKeepalivedsOrder) {
  // Everything is wrong; repairing the first fault uncovers the next.
  ReceiveRules rules = multicastRules();
  Datagram bad{.ttl = 1,
               .totalLengthError = -8,
               .interval = 2s,
               .addresses = {ip("10.9.0.150"), ip("10.9.0.151")},
               .patches = {{0, 0x32}, {4, 9}},
               .breakChecksum = true,
               .lengthError = 12,
               .authentication = {AuthType::kAuthHeader, password("secret99")}};
  ReceiveChecks checks(rules);
  Actions out;
  const auto expect = [&](Reject reason) {
    const std::uint64_t before = checks.counters().of(reason);
    EXPECT_FALSE(check(checks, bad, out));
    EXPECT_EQ(checks.counters().of(reason), before + 1) << toString(reason);
  };
  expect(Reject::kProtocol);
  bad.authentication = {};
  expect(Reject::kLength);
  bad.lengthError = 0;
  bad.patches = {{0, 0x22}, {4, 9}};
  expect(Reject::kTtl);
  bad.ttl = 255;
  bad.patches = {{0, 0x32}, {4, 9}};
  bad.lengthError = -8;
  expect(Reject::kVersion);
  bad.lengthError = 0;
  bad.patches = {{0, 0x22}, {4, 9}};
  expect(Reject::kAuthType);
  bad.patches = {{0, 0x22}, {4, 1}};
  expect(Reject::kAuthMismatch);
  bad.patches = {{0, 0x22}};
  expect(Reject::kInterval);
  bad.interval = 1s;
  expect(Reject::kType);
  bad.patches = {};
  expect(Reject::kTotalLength);
  bad.totalLengthError = 0;
  expect(Reject::kChecksum);
  bad.breakChecksum = false;
  bad.destination = ip("10.9.0.1");
  expect(Reject::kDestination);
  bad.destination = ip("224.0.0.18");
  expect(Reject::kAddressCount);
  bad.addresses.pop_back();
  expect(Reject::kAddressList);
  bad.addresses = rules.addresses;
  EXPECT_TRUE(check(checks, bad, out));
}

TEST(ReceiveChecks, AcceptsAndTellsWhatTheStateMachineNeeds) {
  ReceiveChecks checks(multicastRules(Version::kV3));
  Actions out;
  const auto advertisement =
      check(checks, {.version = Version::kV3, .priority = 7, .interval = 250ms}, out);
  ASSERT_TRUE(advertisement);
  EXPECT_EQ(advertisement->source, ip("10.9.0.9"));
  EXPECT_EQ(advertisement->priority, 7);
  EXPECT_EQ(advertisement->interval, 250ms);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(checks.counters().accepted, 1U);
}

TEST(ReceiveChecks, AcceptsItsPassword) {
  for (const char* text : {"s", "secret99"}) {
    ReceiveChecks checks(rulesWith(AuthType::kSimplePassword, text));
    Actions out;
    EXPECT_TRUE(
        check(checks, {.authentication = {AuthType::kSimplePassword, password(text)}}, out));
  }
}

TEST(ReceiveChecks, AnAuthenticationHeaderCountsOnce) {
  const ReceiveRules rules = rulesWith(AuthType::kAuthHeader, "secret99");
  ReceiveChecks checks(rules);
  Datagram datagram{.authentication = rules.authentication, .sequence = 7, .identification = 999};
  Actions out;
  EXPECT_TRUE(check(checks, datagram, out));
  EXPECT_FALSE(check(checks, datagram, out));
  EXPECT_EQ(checks.counters().of(Reject::kReplay), 1U);
  datagram.sequence = 8;
  EXPECT_TRUE(check(checks, datagram, out));
  EXPECT_EQ(checks.sequence().next(), 9U) << "a new master goes on where the last one was";
  EXPECT_FALSE(check(checks, {.authentication = rules.authentication, .sequence = 9}, out))
      << "what we have sent ourselves comes back";
}

TEST(ReceiveChecks, WhatIsForgedMovesNoReplayCounter) {
  const ReceiveRules rules = rulesWith(AuthType::kAuthHeader, "secret99");
  ReceiveChecks checks(rules);
  Actions out;
  Datagram forged{.authentication = {AuthType::kAuthHeader, password("guess")},
                  .sequence = 0xffffffff};
  EXPECT_FALSE(check(checks, forged, out));
  EXPECT_TRUE(check(checks, {.authentication = rules.authentication}, out));
}

TEST(ReceiveChecks, NamesTheSecurityParametersOfAnotherSender) {
  const ReceiveRules rules = rulesWith(AuthType::kAuthHeader, "secret99");
  ReceiveChecks checks(rules);
  std::vector<std::uint8_t> bytes = Datagram{.authentication = rules.authentication}.bytes();
  bytes[15] = 8;  // the source address
  Actions out;
  EXPECT_FALSE(checks.check(*openIpv4(bytes), {}, out));
  EXPECT_EQ(onlyText(out), "(VI_1) IPSEC-AH : the SPI from 10.9.0.8 is that of 10.9.0.9");
}

TEST(ReceiveChecks, AcceptsAddressesInAnyOrder) {
  ReceiveRules rules = multicastRules();
  rules.addresses = {ip("10.9.0.100"), ip("10.9.0.101")};
  ReceiveChecks checks(rules);
  Actions out;
  EXPECT_TRUE(check(checks, {.addresses = {ip("10.9.0.101"), ip("10.9.0.100")}}, out));
  EXPECT_FALSE(check(checks, {.addresses = {ip("10.9.0.101"), ip("10.9.0.101")}}, out));
}

TEST(ReceiveChecks, IgnoresOtherVirtualRoutersWithoutAWord) {
  ReceiveChecks checks(multicastRules());
  Actions out;
  EXPECT_FALSE(check(checks, {.virtualRouterId = 11}, out));
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(checks.counters().received, 0U);
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    EXPECT_EQ(checks.counters().rejected[i], 0U);
  }
}

TEST(ReceiveChecks, AcceptsEthernetPadding) {
  Datagram padded{.version = Version::kV3};
  padded.lengthError = 14;  // 32 bytes become 46
  padded.totalLengthError = -14;
  ReceiveChecks checks(multicastRules(Version::kV3));
  Actions out;
  EXPECT_TRUE(check(checks, padded, out));
  padded.lengthError = 15;
  padded.totalLengthError = -15;
  EXPECT_FALSE(check(checks, padded, out));
  EXPECT_EQ(checks.counters().of(Reject::kLength), 1U);
}

TEST(ReceiveChecks, SpeaksAgainOnlyAfterAnAcceptedOneOfThatPeer) {
  ReceiveChecks checks(multicastRules());
  Actions out;
  const Datagram bad{.ttl = 64};
  const Datagram otherBad{.source = ip("10.9.0.8"), .ttl = 64};
  const Datagram otherGood{.source = ip("10.9.0.8")};
  EXPECT_FALSE(check(checks, bad, out));
  EXPECT_FALSE(check(checks, otherBad, out));
  EXPECT_EQ(out.size(), 2U) << "once for each peer";
  EXPECT_TRUE(check(checks, otherGood, out));
  EXPECT_FALSE(check(checks, bad, out));
  EXPECT_EQ(out.size(), 2U) << "another peer's good one is no reason to repeat it";
  EXPECT_FALSE(check(checks, otherBad, out));
  EXPECT_EQ(out.size(), 3U);
}

TEST(ReceiveChecks, InventedSendersDoNotFillTheLog) {
  ReceiveChecks checks(multicastRules());
  Actions out;
  Datagram bad{.ttl = 64};
  for (std::uint64_t i = 0; i < 10000; ++i) {
    bad.source = IpAddress::fromHalves(AddressFamily::kIpv4, 0, 0x0a000000 + i);
    EXPECT_FALSE(check(checks, bad, out));
  }
  EXPECT_EQ(out.size(), 32U);
  EXPECT_EQ(checks.counters().of(Reject::kTtl), 10000U);
}

TEST(ReceiveChecks, SkipsTheAddressesOfTheMasterItFollows) {
  ReceiveRules rules = multicastRules();
  rules.skipCheckAdvertAddresses = true;
  ReceiveChecks checks(rules);
  Actions out;
  const Datagram other{.addresses = {ip("10.9.0.150")}};
  EXPECT_FALSE(check(checks, other, out));
  EXPECT_FALSE(check(checks, other, out, ip("10.9.0.8")));
  EXPECT_TRUE(check(checks, other, out, ip("10.9.0.9")));
}

TEST(ReceiveChecks, UnicastSourcesAreFreeUnlessChecked) {
  ReceiveChecks checks(unicastRules());
  Actions out;
  Datagram stranger = unicastDatagram();
  stranger.source = ip("10.9.0.7");
  stranger.ttl = 1;
  EXPECT_TRUE(check(checks, stranger, out));
}

TEST(ReceiveChecks, AnswersEachUnicastPeerInItsChecksumStyle) {
  ReceiveChecks checks(unicastRules(Version::kV3));
  Actions out;
  Datagram datagram = unicastDatagram(Version::kV3);
  EXPECT_TRUE(check(checks, datagram, out));
  EXPECT_EQ(checks.sendStyle(ip("10.9.0.9")), ChecksumStyle::kPseudoHeader);
  datagram.style = ChecksumStyle::kMulticastPseudo;
  EXPECT_TRUE(check(checks, datagram, out));
  EXPECT_EQ(onlyText(out), "(VI_1) Setting unicast VRRPv3 checksum to old version");
  EXPECT_EQ(checks.sendStyle(ip("10.9.0.9")), ChecksumStyle::kMulticastPseudo);
  EXPECT_EQ(checks.sendStyle(ip("10.9.0.8")), ChecksumStyle::kPseudoHeader) << "another peer";
  datagram.style = ChecksumStyle::kPseudoHeader;
  EXPECT_TRUE(check(checks, datagram, out));
  EXPECT_EQ(checks.sendStyle(ip("10.9.0.9")), ChecksumStyle::kPseudoHeader);
}

TEST(ReceiveChecks, OldChecksumAlwaysAndAsVersion2) {
  ReceiveRules rules = unicastRules(Version::kV3);
  rules.oldUnicastChecksum = OldUnicastChecksum::kAlways;
  EXPECT_EQ(ReceiveChecks(rules).sendStyle(ip("10.9.0.9")), ChecksumStyle::kMulticastPseudo);
  rules.v3ChecksumAsV2 = true;
  ReceiveChecks checks(rules);
  EXPECT_EQ(checks.sendStyle(ip("10.9.0.9")), ChecksumStyle::kPduOnly);
  Actions out;
  Datagram datagram = unicastDatagram(Version::kV3);
  datagram.style = ChecksumStyle::kPduOnly;
  EXPECT_TRUE(check(checks, datagram, out));
  datagram.breakChecksum = true;
  EXPECT_FALSE(check(checks, datagram, out));
}

TEST(ReceiveChecks, ChecksIpv6WithItsControlMessages) {
  ReceiveRules rules{.name = "VI_6",
                     .family = AddressFamily::kIpv6,
                     .version = Version::kV3,
                     .virtualRouterId = 10,
                     .interval = 1s,
                     .addresses = {ip("fe80::100")}};
  ReceiveChecks checks(rules);
  std::array<std::uint8_t, 64> buffer{};
  const auto pdu =
      encodeAdvertisement({.version = Version::kV3,
                           .virtualRouterId = 10,
                           .priority = 200,
                           .interval = 1s,
                           .addresses = rules.addresses},
                          ip("fe80::9"), ip("ff02::12"), ChecksumStyle::kPseudoHeader, buffer);
  Actions out;
  EXPECT_TRUE(checks.check(envelopeIpv6(pdu, ip("fe80::9"), ip("ff02::12"), 255), {}, out));
  EXPECT_FALSE(checks.check(envelopeIpv6(pdu, ip("fe80::9"), ip("ff02::12"), 254), {}, out));
  EXPECT_EQ(onlyText(out), "(VI_6) invalid TTL/HL from fe80::9. Received 254 and expect 255");
  EXPECT_FALSE(checks.check(envelopeIpv6(pdu, ip("fe80::8"), ip("ff02::12"), 255), {}, out));
  EXPECT_EQ(checks.counters().of(Reject::kChecksum), 1U);
}

TEST(ReceiveChecks, CountsWhatHasNoEnvelope) {
  ReceiveChecks checks(multicastRules());
  Actions out;
  checks.rejectUnopened(12, out);
  EXPECT_EQ(onlyText(out), "(VI_1) IPv4 VRRP packet too short - 12 bytes");
  const std::vector<std::uint8_t> whole = Datagram{}.bytes();
  std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + 26);
  EXPECT_FALSE(checks.check(*openIpv4(cut), {}, out));
  EXPECT_EQ(checks.counters().of(Reject::kLength), 2U);
}

}  // namespace
}  // namespace holdfast::vrrpd
