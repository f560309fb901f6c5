#include "privd/broker/outbox.h"

#include <gtest/gtest.h>

#include <vector>

#include "ipc/message.h"

namespace holdfast::privd {
namespace {

using Kind = Event::Kind;

class OutboxTest : public ::testing::Test {
 protected:
  static Event event(Kind kind, std::uint32_t object, std::uint32_t result = 0) {
    Event made;
    made.kind = kind;
    made.instance = object;
    made.interface = object;
    made.result = result;
    return made;
  }
  static Event interface(std::uint32_t object, bool exists, std::uint32_t mtu = 0) {
    Event made = event(Kind::INTERFACE, object);
    made.status.exists = exists;
    made.status.mtu = mtu;
    return made;
  }

  bool full_ = false;
  std::vector<Event> sent_;
  Outbox outbox_{[this](const Event& event) {
    if (full_) {
      return SendOutcome::kFull;
    }
    sent_.push_back(event);
    return SendOutcome::kSent;
  }};
};

TEST_F(OutboxTest, SendsAtOnceWhileThereIsRoom) {
  outbox_.post(event(Kind::TAKEN, 1));
  EXPECT_EQ(sent_.size(), 1U);
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, KeepsTheLatestOfEachThing) {
  full_ = true;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    outbox_.post(event(i % 2 == 0 ? Kind::TAKEN : Kind::YIELDED, i % 3, i));
    outbox_.post(event(i % 2 == 0 ? Kind::LOST : Kind::RESTORED, i % 3));
    outbox_.post(event(Kind::NOTED, i % 3));
    outbox_.post(event(Kind::HELLO_END, 0));
    outbox_.post(interface(i % 3, true, i));
    outbox_.post(event(Kind::SOCKET, i % 3));
    ASSERT_LE(outbox_.size(), 16U);
  }
  EXPECT_FALSE(outbox_.flush());
  full_ = false;
  EXPECT_TRUE(outbox_.flush());
  EXPECT_TRUE(outbox_.empty());
  ASSERT_EQ(sent_.size(), 16U);
  for (const Event& event : sent_) {
    if (event.kind == Kind::TAKEN || event.kind == Kind::YIELDED) {
      EXPECT_GE(event.result, 997U);
    }
  }
}

TEST_F(OutboxTest, NeverOvertakes) {
  full_ = true;
  outbox_.post(event(Kind::TAKEN, 1));
  full_ = false;
  outbox_.post(event(Kind::TAKEN, 2));
  EXPECT_TRUE(sent_.empty()) << "the first one is waiting";
  outbox_.flush();
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0].instance, 1U);
}

TEST_F(OutboxTest, ThatADeviceWentIsNotForgottenWhenAnotherComes) {
  full_ = true;
  outbox_.post(interface(0, true, 1));
  outbox_.post(interface(0, false));
  outbox_.post(interface(0, true, 2));
  outbox_.post(interface(0, true, 3));
  full_ = false;
  outbox_.flush();
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_FALSE(sent_[0].status.exists);
  EXPECT_EQ(sent_[1].status.mtu, 3U);
}

TEST_F(OutboxTest, WritesEveryFieldOfAnInterface) {
  Event made = interface(3, true, 9000);
  made.generation = Generation{7};
  made.status.up = true;
  made.status.running = true;
  made.status.sourceIpv4 = IpAddress::parse("10.0.0.1");
  made.status.sourceIpv6 = IpAddress::parse("fe80::2");
  MessageBuffer<schema::BrokerEvent> message;
  made.write(message.root());
  const auto written = message.root().asReader();
  EXPECT_EQ(written.getGeneration(), 7U);
  EXPECT_EQ(written.getInterface(), 3U);
  EXPECT_EQ(written.getFlags(), 0x1f);
  EXPECT_EQ(written.getMtu(), 9000U);
  EXPECT_EQ(written.getSourceIpv4(), 0x0a000001U);
  EXPECT_EQ(written.getSourceIpv6High(), 0xfe80000000000000U);
  EXPECT_EQ(written.getSourceIpv6Low(), 2U);
}

}  // namespace
}  // namespace holdfast::privd
