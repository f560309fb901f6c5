#include "vrrpd/authentication.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/vrrpd/datagram.h"
#include "tests/unit/vrrpd/hex.h"

namespace holdfast::vrrpd {
namespace {

// Captured from Debian's keepalived 2.2.7, with the password "secret99".
const char* const kSimple =
    "45c0 0028 0001 0000 ff70 d088 0a09 0001 e000 0012 2160 9601 0101 c7bd 0a09 0051"
    "7365 6372 6574 3939";
const char* const kSealed =
    "45c0 0040 0001 0000 ff33 d0ad 0a09 0001 e000 0012"
    "7004 0000 0a09 0001 0000 0001 c810 e553 3542 cd25 4e83 b3e5"
    "2151 9601 0201 3c52 0a09 0051 0000 0000 0000 0000";

const std::vector<IpAddress> kAddresses{ip("10.9.0.81")};

Advertisement captured(std::uint8_t router, const Authentication& authentication) {
  return {.virtualRouterId = router,
          .priority = 150,
          .interval = std::chrono::seconds(1),
          .addresses = kAddresses,
          .authType = authentication.type,
          .authData = authentication.password()};
}

TEST(Authentication, WritesThePasswordThatKeepalivedWrites) {
  const Authentication simple{AuthType::kSimplePassword, password("secret99")};
  const std::vector<std::uint8_t> bytes = fromHex(kSimple);
  std::array<std::uint8_t, kMaxPduBytes> out{};
  const auto pdu = encodeAdvertisement(captured(0x60, simple), ip("10.9.0.1"), ip("224.0.0.18"),
                                       ChecksumStyle::kPseudoHeader, out);
  EXPECT_TRUE(std::ranges::equal(pdu, std::span(bytes).subspan(20)));
}

TEST(Authentication, WritesTheHeaderThatKeepalivedWrites) {
  const Authentication sealed{AuthType::kAuthHeader, password("secret99")};
  const std::vector<std::uint8_t> bytes = fromHex(kSealed);
  std::array<std::uint8_t, kMaxPduBytes> out{};
  const auto pdu = encodeAdvertisement(captured(0x51, sealed), ip("10.9.0.1"), ip("224.0.0.18"),
                                       ChecksumStyle::kPseudoHeader, out);
  std::array<std::uint8_t, kAuthHeaderBytes> header{};
  writeAuthHeader(*sealed.key, {1, 1}, ip("10.9.0.1"), ip("224.0.0.18"), pdu, header);
  EXPECT_TRUE(std::ranges::equal(header, std::span(bytes).subspan(20, kAuthHeaderBytes)));
  EXPECT_TRUE(std::ranges::equal(pdu, std::span(bytes).subspan(20 + kAuthHeaderBytes)));
}

TEST(Authentication, ReadsTheHeaderThatKeepalivedWrites) {
  const std::vector<std::uint8_t> bytes = fromHex(kSealed);
  const std::optional<Envelope> envelope = openIpv4(bytes);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->headerBytes, 20 + kAuthHeaderBytes);
  EXPECT_EQ(envelope->statedBytes, 20U);
  const auto header = AuthHeaderView::parse(envelope->authHeader);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->securityParameters(), 0x0a090001U);
  EXPECT_EQ(header->sequence(), 1U);
  EXPECT_TRUE(header->isSealedWith(*password("secret99"), *envelope));
  EXPECT_FALSE(header->isSealedWith(*password("secret98"), *envelope));
}

TEST(Authentication, OnlyWhatRoutersMayChangeIsNotSealed) {
  const auto key = password("secret99");
  const std::vector<std::uint8_t> bytes = fromHex(kSealed);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::uint8_t> changed = bytes;
    changed[i] ^= 0x40;
    const auto envelope = openIpv4(changed);
    const auto header = envelope ? AuthHeaderView::parse(envelope->authHeader) : std::nullopt;
    const bool isAccepted = header && header->isSealedWith(*key, *envelope);
    const bool isMutable = i == 1 || i == 6 || i == 7 || i == 10 || i == 11;
    EXPECT_EQ(isAccepted, isMutable) << "octet " << i;
  }
}

TEST(Authentication, TheTtlOfUnicastMayChange) {
  const Authentication sealed{AuthType::kAuthHeader, password("secret99")};
  for (const char* to : {"10.9.0.1", "224.0.0.18"}) {
    const Datagram datagram{.destination = ip(to), .ttl = 3, .authentication = sealed};
    const std::vector<std::uint8_t> bytes = datagram.bytes();
    const auto envelope = openIpv4(bytes);
    const auto header = AuthHeaderView::parse(envelope->authHeader);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->isSealedWith(*sealed.key, *envelope), !ip(to).isMulticast());
  }
}

TEST(Authentication, RefusesAHeaderOfAnotherShape) {
  const std::vector<std::uint8_t> bytes = fromHex(kSealed);
  const auto header = std::span(bytes).subspan(20, kAuthHeaderBytes);
  EXPECT_TRUE(AuthHeaderView::parse(header));
  EXPECT_FALSE(AuthHeaderView::parse(header.first(kAuthHeaderBytes - 1)));
  for (const std::size_t field : {std::size_t{0}, std::size_t{1}}) {
    std::vector<std::uint8_t> other(header.begin(), header.end());
    ++other[field];
    EXPECT_FALSE(AuthHeaderView::parse(other));
  }
}

TEST(Authentication, ComparesAllOctetsAndTheLength) {
  const std::vector<std::uint8_t> one{1, 2, 3};
  EXPECT_TRUE(isEqual(one, std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_FALSE(isEqual(one, std::vector<std::uint8_t>{1, 2, 4}));
  EXPECT_FALSE(isEqual(one, std::vector<std::uint8_t>{1, 2}));
  EXPECT_FALSE(isEqual(one, std::vector<std::uint8_t>{1, 2, 3, 0}));
}

TEST(AuthSequence, ACrashRepeatsNoNumber) {
  AuthSequence before;
  before.heard(0x2fffe);
  EXPECT_EQ(before.next(), 0x2ffffU);
  AuthSequence after;
  after.goOnAfter(before.block());
  EXPECT_EQ(after.next(), 0x30000U);
  EXPECT_EQ(after.next(), 0x30001U);
}

TEST(AuthSequence, AfterACrashWhoTookOverMeanwhileIsBelieved) {
  AuthSequence sequence;
  sequence.goOnAfter(2);
  EXPECT_EQ(sequence.last(), 0x20000U) << "what is older is a replay";
  sequence.heard(0x20400);
  EXPECT_EQ(sequence.next(), 0x20401U);
}

TEST(AuthSequence, BeginsAnewWhenItIsUsedUp) {
  AuthSequence sequence;
  sequence.heard(~std::uint32_t{0});
  EXPECT_EQ(sequence.next(), 1U);
}

// The flags of the mapping that holds `address`, as /proc/self/smaps shows them.
std::string flagsOf(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool isWanted = false;
  for (std::string line; std::getline(smaps, line);) {
    const std::size_t dash = line.find('-');
    if (line.starts_with("VmFlags:")) {
      if (isWanted) {
        return line;
      }
    } else if (dash != std::string::npos && dash < line.find(' ')) {
      isWanted = std::stoull(line, nullptr, 16) <= wanted &&
                 wanted < std::stoull(line.substr(dash + 1), nullptr, 16);
    }
  }
  return {};
}

TEST(Secret, IsLockedAndInNoCore) {
  const auto secret = password("secret99");
  EXPECT_TRUE(secret->isLocked());
  const std::string flags = flagsOf(secret->bytes().data());
  EXPECT_NE(flags.find(" lo"), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
}

}  // namespace
}  // namespace holdfast::vrrpd
