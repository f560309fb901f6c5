#include "privd/broker/announcer.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::privd {
namespace {

using std::chrono::milliseconds;

constexpr InstanceKey kFirst{Generation{1}, InstanceId{0}};
constexpr InstanceKey kSecond{Generation{1}, InstanceId{1}};
const TimePoint kStart{std::chrono::seconds(1000)};

class AnnouncerTest : public ::testing::Test {
 protected:
  static Announcer::Target target(const char* address, std::size_t slot = 0) {
    return {*IpAddress::parse(address), static_cast<Slot>(slot)};
  }
  std::string takeSent() { return std::exchange(sent_, ""); }

  std::string sent_;
  Announcer announcer_{[this](const InstanceKey&, const Announcer::Target& target, bool first) {
    sent_ += target.address.toString() + (first ? "! " : " ");
  }};
};

TEST_F(AnnouncerTest, InterleavesTheRoundsOverTheAddresses) {
  announcer_.announce(kFirst, {target("10.0.0.1"), target("fd00::1")}, 3, {{}, {}, {}});
  EXPECT_EQ(announcer_.work(kStart), kNever);
  EXPECT_EQ(takeSent(), "10.0.0.1! fd00::1! 10.0.0.1 fd00::1 10.0.0.1 fd00::1 ");
  EXPECT_TRUE(announcer_.idle());
  EXPECT_EQ(announcer_.work(kStart), kNever);
  EXPECT_EQ(takeSent(), "");
}

TEST_F(AnnouncerTest, NothingToAnnounceIsNoBurst) {
  announcer_.announce(kFirst, {}, 5, {{}, {}, {}});
  announcer_.announce(kSecond, {target("10.0.0.1")}, 0, {{}, {}, {}});
  EXPECT_TRUE(announcer_.idle());
}

TEST_F(AnnouncerTest, PacesEachInterfaceAndFamilyByItself) {
  announcer_.announce(kFirst, {target("10.0.0.1"), target("10.0.0.2")}, 1,
                      {milliseconds(100), {}, {}});
  announcer_.announce(kSecond, {target("10.1.0.1", 1), target("fd00::1", 1)}, 1,
                      {milliseconds(100), milliseconds(30), {}});
  EXPECT_EQ(announcer_.work(kStart), kStart + milliseconds(100));
  EXPECT_EQ(takeSent(), "10.0.0.1! 10.1.0.1! fd00::1! ");
  EXPECT_EQ(announcer_.work(kStart + milliseconds(99)), kStart + milliseconds(100));
  EXPECT_EQ(takeSent(), "");
  EXPECT_EQ(announcer_.work(kStart + milliseconds(100)), kNever);
  EXPECT_EQ(takeSent(), "10.0.0.2! ");
  // The pause outlasts the burst.
  announcer_.announce(kFirst, {target("10.0.0.1")}, 1, {milliseconds(100), {}, {}});
  EXPECT_EQ(announcer_.work(kStart + milliseconds(150)), kStart + milliseconds(200));
  EXPECT_EQ(takeSent(), "");
}

TEST_F(AnnouncerTest, InterfacesOfAGroupShareItsPace) {
  const Announcer::Group group{Slot{0}, milliseconds(50), milliseconds(20)};
  const Announcer::Pace pace{{}, {}, {{Slot{0}, group}, {Slot{1}, group}}};
  announcer_.announce(kFirst, {target("10.0.0.1", 0), target("fd00::1", 0)}, 1, pace);
  announcer_.announce(kSecond, {target("10.1.0.1", 1), target("10.2.0.1", 2)}, 1, pace);
  EXPECT_EQ(announcer_.work(kStart), kStart + milliseconds(50));
  EXPECT_EQ(takeSent(), "10.0.0.1! fd00::1! ");
  EXPECT_TRUE(announcer_.isAnnouncing(kSecond) && !announcer_.isAnnouncing(kFirst));
  EXPECT_EQ(announcer_.work(kStart + milliseconds(50)), kNever);
  EXPECT_EQ(takeSent(), "10.1.0.1! 10.2.0.1! ");
}

TEST_F(AnnouncerTest, ABigBurstTakesSeveralTurns) {
  announcer_.announce(kFirst, std::vector(100, target("10.0.0.1")), 2, {{}, {}, {}});
  int turns = 1;
  while (announcer_.work(kStart) == kStart) {
    ++turns;
  }
  EXPECT_EQ(turns, 4) << "64 frames in each";
  EXPECT_TRUE(announcer_.idle());
}

TEST_F(AnnouncerTest, HasOneBurstForEachInstance) {
  announcer_.announce(kFirst, {target("10.0.0.1")}, 5, {milliseconds(10), {}, {}});
  EXPECT_EQ(announcer_.work(kStart), kStart + milliseconds(10));
  announcer_.announce(kFirst, {target("10.0.0.1")}, 1, {milliseconds(10), {}, {}});
  takeSent();
  TimePoint now = kStart;
  while (!announcer_.idle()) {
    now = announcer_.work(now + milliseconds(10));
    now = now == kNever ? kStart : now - milliseconds(10);
  }
  EXPECT_EQ(takeSent(), "10.0.0.1! 10.0.0.1 10.0.0.1 10.0.0.1 ") << "the longer one remains";
}

TEST_F(AnnouncerTest, CancelDropsOnlyItsOwn) {
  announcer_.announce(kFirst, {target("10.0.0.1")}, 5, {{}, {}, {}});
  announcer_.announce(kSecond, {target("10.0.0.2")}, 1, {{}, {}, {}});
  announcer_.cancel(kFirst);
  EXPECT_EQ(announcer_.work(kStart), kNever);
  EXPECT_EQ(takeSent(), "10.0.0.2! ");
}

}  // namespace
}  // namespace holdfast::privd
