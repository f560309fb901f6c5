#include "vrrpd/statistics.h"

#include <gtest/gtest.h>

namespace holdfast::vrrpd {
namespace {

void count(ReceiveCounters& counters, Reject reject, std::uint64_t number) {
  counters.rejected[static_cast<std::size_t>(reject)] = number;
}

TEST(Statistics, AreInKeepalivedsLayout) {
  std::string text = "before\n";
  appendStatistics(text, "VI_1", {}, {});
  EXPECT_EQ(text,
            "before\n"
            "VRRP Instance: VI_1\n"
            "  Advertisements:\n"
            "    Received: 0\n"
            "    Sent: 0\n"
            "  Became master: 0\n"
            "  Released master: 0\n"
            "  Packet Errors:\n"
            "    Length: 0\n"
            "    TTL: 0\n"
            "    Invalid Type: 0\n"
            "    Advertisement Interval: 0\n"
            "    Address List: 0\n"
            "  Authentication Errors:\n"
            "    Invalid Type: 0\n"
            "    Type Mismatch: 0\n"
            "    Failure: 0\n"
            "  Priority Zero:\n"
            "    Received: 0\n"
            "    Sent: 0\n");
}

TEST(Statistics, EachCounterHasItsLine) {
  RouterCounters router;
  router.advertisementsSent = 2;
  router.becameMaster = 3;
  router.releasedMaster = 4;
  router.priorityZeroReceived = 10;
  router.priorityZeroSent = 11;
  ReceiveCounters received;
  received.received = 1ULL << 40U;
  count(received, Reject::kLength, 5);
  count(received, Reject::kTotalLength, 100);
  count(received, Reject::kTtl, 6);
  count(received, Reject::kType, 7);
  count(received, Reject::kInterval, 8);
  count(received, Reject::kAddressCount, 9);
  count(received, Reject::kAddressList, 200);
  count(received, Reject::kAuthType, 12);
  count(received, Reject::kAuthMismatch, 13);
  count(received, Reject::kProtocol, 300);
  count(received, Reject::kPassword, 14);
  count(received, Reject::kCheckValue, 400);
  count(received, Reject::kReplay, 1000);
  std::string text;
  appendStatistics(text, "A", router, received);
  EXPECT_EQ(text,
            "VRRP Instance: A\n"
            "  Advertisements:\n"
            "    Received: 1099511627776\n"
            "    Sent: 2\n"
            "  Became master: 3\n"
            "  Released master: 4\n"
            "  Packet Errors:\n"
            "    Length: 105\n"
            "    TTL: 6\n"
            "    Invalid Type: 7\n"
            "    Advertisement Interval: 8\n"
            "    Address List: 209\n"
            "  Authentication Errors:\n"
            "    Invalid Type: 12\n"
            "    Type Mismatch: 313\n"
            "    Failure: 1414\n"
            "  Priority Zero:\n"
            "    Received: 10\n"
            "    Sent: 11\n");
}

}  // namespace
}  // namespace holdfast::vrrpd
