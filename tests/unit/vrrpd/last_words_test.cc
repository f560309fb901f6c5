#include "vrrpd/last_words.h"

#include <gtest/gtest.h>

#include "ipc/event_loop.h"
#include "ipc/notebook.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;

class LastWordsTest : public testing::Test {
 protected:
  // As a process that has just been started.
  [[nodiscard]] LastWords arrive(const std::vector<std::string>& names) {
    LastWords words;
    EXPECT_TRUE(words.adopt(memory_));
    words.begin(names);
    return words;
  }

  UniqueFd memory_ = createVrrpdNotebook().value();
  TimePoint now_ = EventLoop::now();
};

TEST_F(LastWordsTest, WhatOneLeavesTheNextOneKnows) {
  LastWords first = arrive({"a", "b"});
  EXPECT_FALSE(first.lastAdvertisement(InstanceId{0}));
  first.advertised(InstanceId{1}, now_ - 5ms);
  first.advertised(InstanceId{1}, now_);
  const LastWords second = arrive({"a", "b"});
  EXPECT_FALSE(second.lastAdvertisement(InstanceId{0}));
  EXPECT_EQ(second.lastAdvertisement(InstanceId{1}), now_);
}

TEST_F(LastWordsTest, ConfigurationsMayDiffer) {
  arrive({"a", "b", "c"}).advertised(InstanceId{2}, now_);
  EXPECT_EQ(arrive({"c", "d"}).lastAdvertisement(InstanceId{0}), now_);
  const LastWords third = arrive({"d", "b", "c"});
  EXPECT_FALSE(third.lastAdvertisement(InstanceId{0}));
  EXPECT_EQ(third.lastAdvertisement(InstanceId{2}), now_);
}

TEST_F(LastWordsTest, CountersGoOnUnderTheNameOfTheirInstance) {
  InstanceCounters counters;
  counters.router.advertisementsSent = 7;
  counters.received.received = 9;
  LastWords first = arrive({"a", "b"});
  EXPECT_EQ(first.counters(InstanceId{1}).router.advertisementsSent, 0U);
  first.count(InstanceId{1}, counters);
  const LastWords second = arrive({"b", "c"});
  EXPECT_EQ(second.counters(InstanceId{0}).router.advertisementsSent, 7U);
  EXPECT_EQ(second.counters(InstanceId{0}).received.received, 9U);
  EXPECT_EQ(second.counters(InstanceId{1}).router.advertisementsSent, 0U);
}

TEST_F(LastWordsTest, SurvivesOneThatNeverAdvertised) {
  arrive({"a"}).advertised(InstanceId{0}, now_);
  static_cast<void>(arrive({"a"}));
  EXPECT_EQ(arrive({"a"}).lastAdvertisement(InstanceId{0}), now_);
}

TEST_F(LastWordsTest, TheFutureIsNotKnown) {
  arrive({"a"}).advertised(InstanceId{0}, now_ + 1h);
  EXPECT_FALSE(arrive({"a"}).lastAdvertisement(InstanceId{0}));
}

TEST_F(LastWordsTest, WhatAnotherVersionLeftIsForgotten) {
  LastWords first = arrive({"a", "b"});
  first.advertised(InstanceId{0}, now_);
  first.setOwesStates(schema::ControlRequest::Fifo::VRRP, true);
  {
    const auto all = std::move(SharedMapping::map(memory_.get())).value();
    all.bytes()[0] ^= 1;
  }
  const LastWords second = arrive({"a", "b"});
  EXPECT_FALSE(second.lastAdvertisement(InstanceId{0}));
  EXPECT_FALSE(second.owesStates(schema::ControlRequest::Fifo::VRRP));
}

TEST_F(LastWordsTest, WithoutMemoryNothingIsLeft) {
  LastWords words;
  EXPECT_FALSE(words.adopt(UniqueFd()));
  words.begin({"a"});
  words.advertised(InstanceId{0}, now_);
  words.setOwesStates(LastWords::Fifo::VRRP, true);
  EXPECT_FALSE(words.lastAdvertisement(InstanceId{0}));
  EXPECT_FALSE(words.owesStates(LastWords::Fifo::VRRP));
}

TEST_F(LastWordsTest, MoreInstancesThanThereIsRoomFor) {
  const std::vector<std::string> names(kVrrpdNotebookBytes, "a");
  LastWords words = arrive(names);
  words.advertised(InstanceId{kVrrpdNotebookBytes - 1}, now_);
  EXPECT_FALSE(arrive(names).lastAdvertisement(InstanceId{kVrrpdNotebookBytes - 1}));
}

}  // namespace
}  // namespace holdfast::vrrpd
