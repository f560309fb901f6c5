// What any host of the segment may send. The first byte chooses how the instance is configured, the
// rest is one datagram as its receive socket would deliver it. What is rejected must not change
// anything, and what is accepted must be what an encoder of ours would have written.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "vrrpd/instance.h"

namespace {

using namespace holdfast;
using namespace holdfast::vrrpd;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Bits of the first byte.
constexpr unsigned kIsV3 = 1;
constexpr unsigned kIsIpv6 = 2;
constexpr unsigned kIsUnicast = 4;
constexpr unsigned kIsMaster = 8;
constexpr unsigned kChecksUnicast = 16;
constexpr unsigned kSkipsAddresses = 32;
constexpr unsigned kChecksumAsV2 = 64;
constexpr unsigned kHasNoAddresses = 128;
// Of version 2 over IPv4, where these two mean nothing else.
constexpr unsigned kHasAuthHeader = kChecksumAsV2;
constexpr unsigned kHasPassword = kChecksUnicast;  // not kIsUnicast

Authentication authenticationOf(unsigned choice) {
  if ((choice & (kIsV3 | kIsIpv6)) != 0) {
    return {};
  }
  static const std::array<std::uint8_t, kAuthDataBytes> kText{'s', 'e', 'c', 'r',
                                                              'e', 't', '9', '9'};
  static const auto kKey = Secret::keep(kText);
  if ((choice & kHasAuthHeader) != 0) {
    return {AuthType::kAuthHeader, kKey};
  }
  if ((choice & kHasPassword) != 0 && (choice & kIsUnicast) == 0) {
    return {AuthType::kSimplePassword, kKey};
  }
  return {};
}

InstanceConfig configOf(unsigned choice) {
  const bool isIpv6 = (choice & kIsIpv6) != 0;
  const Version version = (choice & kIsV3) != 0 ? Version::kV3 : Version::kV2;
  InstanceConfig config{
      .router = {.name = "V",
                 .family = isIpv6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4,
                 .version = version},
      .rules = {.name = "V",
                .family = isIpv6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4,
                .version = version,
                .virtualRouterId = 10,
                .interval = std::chrono::seconds(1),
                .checkUnicastSource = (choice & kChecksUnicast) != 0,
                .skipCheckAdvertAddresses = (choice & kSkipsAddresses) != 0,
                .v3ChecksumAsV2 = (choice & kChecksumAsV2) != 0,
                .authentication = authenticationOf(choice)},
      .source = isIpv6 ? ip("fe80::1") : ip("10.9.0.1"),
      .group = isIpv6 ? ip("ff02::12") : ip("224.0.0.18"),
      .isUnicast = (choice & kIsUnicast) != 0,
  };
  if ((choice & kHasNoAddresses) == 0) {
    config.rules.addresses = {isIpv6 ? ip("fe80::100") : ip("10.9.0.100"),
                              isIpv6 ? ip("fd00::5") : ip("10.9.0.101")};
  }
  if (config.isUnicast) {
    config.rules.peers = {{.address = isIpv6 ? ip("fe80::9") : ip("10.9.0.9"), .minTtl = 64}};
  }
  return config;
}

void requireCanonical(const InstanceConfig& config, const Envelope& envelope) {
  const PduView pdu = *PduView::parse(envelope.pdu);
  const std::size_t expected = pdu.expectedBytes(config.rules.family);
  require(expected <= envelope.pdu.size());
  std::vector<IpAddress> addresses;
  for (std::size_t i = 0; i < pdu.addressCount(); ++i) {
    addresses.push_back(pdu.address(i, config.rules.family));
  }
  const auto style = validStyle(config.rules, {envelope, pdu});
  require(style.has_value());
  std::array<std::uint8_t, kMaxPduBytes> buffer{};
  const auto again = encodeAdvertisement({.version = config.rules.version,
                                          .virtualRouterId = pdu.virtualRouterId(),
                                          .priority = pdu.priority(),
                                          .interval = pdu.interval(),
                                          .addresses = addresses,
                                          .authType = config.rules.authentication.type,
                                          .authData = config.rules.authentication.password()},
                                         envelope.source, envelope.destination, *style, buffer);
  require(again.size() == expected);
  if (config.rules.authentication.type == AuthType::kSimplePassword) {
    require(std::ranges::equal(again, envelope.pdu.first(expected)));
  }
  // Reserved bits and version 2's unused authentication data are free.
  constexpr std::size_t kMeaningful = 4;
  require(std::ranges::equal(again.first(kMeaningful), envelope.pdu.first(kMeaningful)));
}

void deliver(unsigned choice, std::span<const std::uint8_t> datagram) {
  const InstanceConfig config = configOf(choice);
  Instance instance(config);
  Actions out;
  TimePoint now{std::chrono::hours(1)};
  const Noted master{State::kMaster, 100};
  instance.start(now, (choice & kIsMaster) != 0 ? std::optional<Noted>(master) : std::nullopt, out);
  out.clear();
  const State before = instance.router().state();
  const TimePoint deadline = instance.nextDeadline();
  now += std::chrono::milliseconds(500);
  std::optional<Envelope> envelope;
  static_cast<void>(virtualRouterIdAt(datagram, config.rules.family));
  if (config.rules.family == AddressFamily::kIpv4) {
    envelope = openIpv4(datagram);
  } else if (!datagram.empty()) {
    envelope = envelopeIpv6(datagram.subspan(1), ip("fe80::9"),
                            config.isUnicast ? ip("fe80::1") : ip("ff02::12"), datagram[0]);
  }
  if (envelope) {
    instance.receive(now, *envelope, out);
  } else {
    instance.receiveUnopened(now, datagram.size(), out);
  }
  if (instance.receiveCounters().accepted == 0) {
    require(instance.router().state() == before && instance.nextDeadline() == deadline);
    require(std::ranges::all_of(
        out, [](const Action& action) { return std::holds_alternative<LogText>(action); }));
    require(out.size() <= 1);
  } else {
    requireCanonical(config, *envelope);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) {
    deliver(data[0], std::span(data, size).subspan(1));
  }
  return 0;
}
