#include "checkd/sockets.h"

#include "checkd/tcp_attempt.h"
#include "checkd/udp_attempt.h"
#include "tests/unit/checkd/attempt_run.h"

namespace holdfast::checkd {
namespace {

using std::chrono::milliseconds;

// Attempts whose sockets privd makes.
class SocketsTest : public testing::Test {
 protected:
  EventLoop loop_ = std::move(EventLoop::create()).value();
  bool isThere_ = true;
  int asked_ = 0;
  Sockets sockets_{[this](std::uint32_t index) {
    EXPECT_EQ(index, 3U);
    ++asked_;
    return isThere_;
  }};
  TestServer server_{loop_};
  TcpCheck tcp_{marked(std::chrono::seconds(5))};
  UdpCheck udp_{.connection = marked(std::chrono::seconds(5)),
                .payload = {},
                .requireReply = true,
                .reply = {},
                .replyMask = {}};
  std::vector<Verdict> verdicts_;

  [[nodiscard]] Connection marked(Duration timeout) const {
    Connection to = server_.connection(timeout);
    to.socket = 3;
    return to;
  }
  std::unique_ptr<Attempt> begin() {
    auto attempt = makeTcpAttempt(loop_, sockets_, tcp_, [this](Verdict verdict) {
      verdicts_.push_back(std::move(verdict));
    });
    attempt->start(EventLoop::now());
    return attempt;
  }
  static Result<UniqueFd> made() {
    return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  }
};

TEST_F(SocketsTest, ASocketOfPrivdIsUsed) {
  const auto attempt = begin();
  sockets_.answered(3, made());
  ASSERT_TRUE(runUntil(loop_, [this] { return !verdicts_.empty(); }));
  EXPECT_TRUE(verdicts_[0].passed) << verdicts_[0].why;
}

TEST_F(SocketsTest, WithoutPrivdNothingIsSaidOfTheServer) {
  isThere_ = false;
  for (int i = 0; i < 2; ++i) {
    const Verdict verdict = verdictOf(loop_, [&](Attempt::Done done) -> std::unique_ptr<Attempt> {
      if (i == 0) {
        return makeTcpAttempt(loop_, sockets_, tcp_, std::move(done));
      }
      return makeUdpAttempt(loop_, sockets_, udp_, std::move(done));
    });
    EXPECT_FALSE(verdict.passed);
    EXPECT_FALSE(verdict.isMade);
  }
}

TEST_F(SocketsTest, APrivdThatDiesOrIsLateIsNoFaultOfTheServers) {
  const auto lost = begin();
  sockets_.lost();
  ASSERT_TRUE(runUntil(loop_, [this] { return verdicts_.size() == 1; }));
  EXPECT_FALSE(verdicts_[0].isMade);
  tcp_.connection.timeout = milliseconds(20);
  const auto late = begin();
  ASSERT_TRUE(runUntil(loop_, [this] { return verdicts_.size() == 2; }));
  EXPECT_FALSE(verdicts_[1].isMade);
}

TEST_F(SocketsTest, WhatPrivdCannotMakeHasFailed) {
  const auto attempt = begin();
  sockets_.answered(3, Error{"no such address", EADDRNOTAVAIL});
  ASSERT_TRUE(runUntil(loop_, [this] { return !verdicts_.empty(); }));
  EXPECT_TRUE(verdicts_[0].isMade);
  EXPECT_EQ(verdicts_[0].why, "no such address");
}

TEST_F(SocketsTest, AnswersReachThoseWhoWaitInTheirOrder) {
  auto gone = begin();
  const auto waiting = begin();
  gone.reset();
  sockets_.answered(3, Error{"for who has gone", EPERM});
  sockets_.answered(3, made());
  ASSERT_TRUE(runUntil(loop_, [this] { return !verdicts_.empty(); }));
  EXPECT_TRUE(verdicts_[0].passed) << verdicts_[0].why;
  sockets_.answered(3, made());  // nobody has asked
}

// One that hears of the end of privd may end others that wait for it.
TEST_F(SocketsTest, WhoWaitsMayGoWhileOthersAreToldOfTheEndOfPrivd) {
  std::vector<std::unique_ptr<SocketSource::Pending>> pending;
  int told = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    pending.push_back(sockets_.open(SocketKind::kTcp, tcp_.connection, [&](const auto& socket) {
      EXPECT_EQ(socket.error().code, SocketSource::kNobody);
      ++told;
      pending.clear();
    }));
  }
  sockets_.lost();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace holdfast::checkd
