#include "ipc/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  void poke() const { EXPECT_EQ(::write(writer.get(), "x", 1), 1); }
  void drain() const {
    char byte = 0;
    EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
  }
  UniqueFd reader;
  UniqueFd writer;
};

TEST(EventLoop, ServesTimersThenBrokerThenAdvertsThenTheRest) {
  EventLoop loop = std::move(EventLoop::create().value());
  std::string order;
  Pipe rest;
  Pipe adverts;
  Pipe broker;
  ASSERT_TRUE(loop.addReader(rest.reader.get(), Turn::kRest, [&] { rest.drain(), order += 'r'; }));
  ASSERT_TRUE(
      loop.addReader(adverts.reader.get(), Turn::kAdverts, [&] { adverts.drain(), order += 'a'; }));
  ASSERT_TRUE(
      loop.addReader(broker.reader.get(), Turn::kBroker, [&] { broker.drain(), order += 'b'; }));
  Timer timer(loop, [&](TimePoint, Duration) { order += 't'; });
  timer.arm(EventLoop::now());
  for (const Pipe* pipe : {&rest, &adverts, &broker}) {
    pipe->poke();
  }
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(order, "tbar");
}

TEST(EventLoop, TimersFireInTheirOrderAndNeverEarly) {
  EventLoop loop = std::move(EventLoop::create().value());
  std::string order;
  const TimePoint start = EventLoop::now();
  Timer later(loop, [&](TimePoint now, Duration lateness) {
    order += '2';
    EXPECT_EQ(now - lateness, start + milliseconds(20));
    loop.stop();
  });
  Timer sooner(loop, [&](TimePoint now, Duration) {
    order += '1';
    EXPECT_GE(now, start + milliseconds(5));
  });
  Timer never(loop, [&](TimePoint, Duration) { order += 'x'; });
  later.arm(start + milliseconds(20));
  sooner.arm(start + milliseconds(5));
  never.arm(start + milliseconds(1));
  never.disarm();
  ASSERT_TRUE(loop.run());
  EXPECT_EQ(order, "12");
}

TEST(EventLoop, ATimerThatArmsItselfForNowDoesNotHoldTheTurnUp) {
  EventLoop loop = std::move(EventLoop::create().value());
  int fired = 0;
  Timer eager(loop, [&](TimePoint now, Duration) {
    ++fired;
    eager.arm(now);
  });
  eager.arm(EventLoop::now());
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(fired, 1);
}

TEST(EventLoop, ACallbackMayRemoveAReaderThatIsWaitingInTheSameTurn) {
  EventLoop loop = std::move(EventLoop::create().value());
  Pipe first;
  auto second = std::make_unique<Pipe>();
  bool secondServed = false;
  ASSERT_TRUE(loop.addReader(first.reader.get(), Turn::kBroker, [&] {
    first.drain();
    const int number = second->reader.get();
    loop.removeReader(number);
    second.reset();
    // The number is free again, and the kernel hands out the lowest.
    Pipe reuse;
    EXPECT_EQ(reuse.reader.get(), number);
  }));
  ASSERT_TRUE(loop.addReader(second->reader.get(), Turn::kRest, [&] { secondServed = true; }));
  first.poke();
  second->poke();
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_FALSE(secondServed);
}

TEST(EventLoop, WhoWaitsToWriteIsToldOnce) {
  EventLoop loop = std::move(EventLoop::create().value());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  int told = 0;
  const auto ignore = [] {};
  ASSERT_TRUE(loop.addReader(socket.get(), Turn::kRest, ignore, [&] { ++told; }));
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(told, 1);
  ASSERT_TRUE(loop.turnOnce(EventLoop::now() + milliseconds(5)));
  EXPECT_EQ(told, 1);
  loop.onceWritable(socket.get(), [&] {
    ++told;
    loop.onceWritable(socket.get(), [&] { ++told; });
  });
  ASSERT_TRUE(loop.turnOnce());
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(told, 3);
  loop.removeReader(socket.get());
}

TEST(EventLoop, ACallbackMayCloseItsOwnDescriptor) {
  EventLoop loop = std::move(EventLoop::create().value());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int number = socket.get();
  bool isRead = false;
  ASSERT_TRUE(loop.addReader(
      number, Turn::kRest, [&] { isRead = true; }, [&] { loop.close(std::move(socket)); }));
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
  // Its number is somebody else's from now on.
  const UniqueFd reuse(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(reuse.get(), number);
  int told = 0;
  ASSERT_TRUE(loop.addReader(
      number, Turn::kRest, [&] { isRead = true; }, [&] { ++told; }));
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(isRead);
  loop.removeReader(number);
}

TEST(EventLoop, ATimerThatHasExpiredDoesNotWakeItAgain) {
  EventLoop loop = std::move(EventLoop::create().value());
  int fired = 0;
  Timer timer(loop, [&](TimePoint, Duration) { ++fired; });
  timer.arm(EventLoop::now());
  ASSERT_TRUE(loop.turnOnce());
  EXPECT_EQ(fired, 1);
  const TimePoint until = EventLoop::now() + milliseconds(10);
  ASSERT_TRUE(loop.turnOnce(until));
  EXPECT_GE(EventLoop::now(), until);
}

TEST(EventLoop, ReturnsAtTheGivenTimeWhenNothingHappens) {
  EventLoop loop = std::move(EventLoop::create().value());
  const TimePoint until = EventLoop::now() + milliseconds(10);
  ASSERT_TRUE(loop.turnOnce(until));
  EXPECT_GE(EventLoop::now(), until);
}

}  // namespace
}  // namespace holdfast
