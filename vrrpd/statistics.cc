#include "vrrpd/statistics.h"

#include <cstdint>
#include <initializer_list>
#include <utility>

namespace holdfast::vrrpd {
namespace {

class Lines {
 public:
  explicit Lines(std::string& out) : out_(out) {}

  void heading(std::string_view text) { out_.append(text).append(":\n"); }
  void number(std::string_view label, std::uint64_t value) {
    out_.append(label).append(": ").append(std::to_string(value)).append("\n");
  }

 private:
  std::string& out_;
};

std::uint64_t sumOf(const ReceiveCounters& counters, std::initializer_list<Reject> rejects) {
  std::uint64_t sum = 0;
  for (const Reject reject : rejects) {
    sum += counters.of(reject);
  }
  return sum;
}

}  // namespace

void appendStatistics(std::string& out, std::string_view name, const RouterCounters& router,
                      const ReceiveCounters& received) {
  Lines lines(out);
  out.append("VRRP Instance: ").append(name).append("\n");
  lines.heading("  Advertisements");
  lines.number("    Received", received.received);
  lines.number("    Sent", router.advertisementsSent);
  lines.number("  Became master", router.becameMaster);
  lines.number("  Released master", router.releasedMaster);
  lines.heading("  Packet Errors");
  lines.number("    Length", sumOf(received, {Reject::kLength, Reject::kTotalLength}));
  lines.number("    TTL", received.of(Reject::kTtl));
  lines.number("    Invalid Type", received.of(Reject::kType));
  lines.number("    Advertisement Interval", received.of(Reject::kInterval));
  lines.number("    Address List", sumOf(received, {Reject::kAddressCount, Reject::kAddressList}));
  lines.heading("  Authentication Errors");
  lines.number("    Invalid Type", received.of(Reject::kAuthType));
  lines.number("    Type Mismatch", sumOf(received, {Reject::kProtocol, Reject::kAuthMismatch}));
  lines.number("    Failure",
               sumOf(received, {Reject::kPassword, Reject::kCheckValue, Reject::kReplay}));
  lines.heading("  Priority Zero");
  lines.number("    Received", router.priorityZeroReceived);
  lines.number("    Sent", router.priorityZeroSent);
}

void appendStatisticsJson(std::string& out, const RouterCounters& router,
                          const ReceiveCounters& received) {
  const std::pair<std::string_view, std::uint64_t> members[] = {
      {"advert_rcvd", received.received},
      {"advert_sent", router.advertisementsSent},
      {"become_master", router.becameMaster},
      {"release_master", router.releasedMaster},
      {"packet_len_err", sumOf(received, {Reject::kLength, Reject::kTotalLength})},
      {"advert_interval_err", received.of(Reject::kInterval)},
      {"ip_ttl_err", received.of(Reject::kTtl)},
      {"invalid_type_rcvd", received.of(Reject::kType)},
      {"addr_list_err", sumOf(received, {Reject::kAddressCount, Reject::kAddressList})},
      {"invalid_authtype", received.of(Reject::kAuthType)},
      {"authtype_mismatch", sumOf(received, {Reject::kProtocol, Reject::kAuthMismatch})},
      {"auth_failure", sumOf(received, {Reject::kPassword, Reject::kCheckValue, Reject::kReplay})},
      {"pri_zero_rcvd", router.priorityZeroReceived},
      {"pri_zero_sent", router.priorityZeroSent}};
  std::string_view separator = "\"";
  for (const auto& [name, value] : members) {
    out.append(separator).append(name).append("\":").append(std::to_string(value));
    separator = ",\"";
  }
}

}  // namespace holdfast::vrrpd
