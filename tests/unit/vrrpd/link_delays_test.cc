#include "vrrpd/link_delays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr InterfaceId kE0{0};
constexpr InterfaceId kE1{1};
constexpr TimePoint kNow{1h};

class LinkDelaysTest : public testing::Test {
 protected:
  LinkDelays delays_{{{.interface = kE0, .down = 2s, .up = 5s}}};
};

TEST_F(LinkDelaysTest, AnInterfaceWithoutDelaysCountsAtOnce) {
  EXPECT_TRUE(delays_.told(kNow, kE1, true));
  EXPECT_FALSE(delays_.told(kNow, kE1, false));
  EXPECT_EQ(delays_.deadline(), kNever);
}

TEST_F(LinkDelaysTest, TheFirstStateCountsAtOnce) {
  EXPECT_TRUE(delays_.told(kNow, kE0, true));
  EXPECT_EQ(delays_.deadline(), kNever);
}

TEST_F(LinkDelaysTest, AStateCountsWhenItHasLasted) {
  delays_.told(kNow, kE0, true);
  EXPECT_TRUE(delays_.told(kNow, kE0, false)) << "still";
  EXPECT_TRUE(delays_.told(kNow + 1s, kE0, false)) << "it is down since then";
  EXPECT_EQ(delays_.deadline(), kNow + 2s);
  EXPECT_THAT(delays_.expire(kNow + 2s - 1ns), IsEmpty());
  EXPECT_THAT(delays_.expire(kNow + 2s), ElementsAre(kE0));
  EXPECT_FALSE(delays_.told(kNow + 3s, kE0, true));
  EXPECT_EQ(delays_.deadline(), kNow + 8s);
  EXPECT_THAT(delays_.expire(kNow + 8s), ElementsAre(kE0));
  EXPECT_EQ(delays_.deadline(), kNever);
}

TEST_F(LinkDelaysTest, AStateThatDoesNotLastNeverCounts) {
  delays_.told(kNow, kE0, true);
  delays_.told(kNow, kE0, false);
  EXPECT_TRUE(delays_.told(kNow + 1s, kE0, true));
  EXPECT_THAT(delays_.expire(kNow + 1h), IsEmpty());
}

TEST_F(LinkDelaysTest, AnInterfaceThatIsGoneIsDownAtOnceAndUpLater) {
  delays_.told(kNow, kE0, true);
  delays_.gone(kE0);
  EXPECT_EQ(delays_.deadline(), kNever);
  EXPECT_FALSE(delays_.told(kNow, kE0, true));
  EXPECT_EQ(delays_.deadline(), kNow + 5s);
}

}  // namespace
}  // namespace holdfast::vrrpd
