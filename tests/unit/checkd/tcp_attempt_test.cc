#include "checkd/tcp_attempt.h"

#include "tests/unit/checkd/attempt_run.h"

namespace holdfast::checkd {
namespace {

class TcpAttemptTest : public testing::Test {
 protected:
  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  TestServer server_{loop_};

  Verdict attempt(Connection to) {
    const TcpCheck check{std::move(to)};
    return verdictOf(loop_, [&](Attempt::Done done) {
      return makeTcpAttempt(loop_, sockets_, check, std::move(done));
    });
  }
};

TEST_F(TcpAttemptTest, PassesWhereTheServerAccepts) {
  EXPECT_TRUE(attempt(server_.connection()).passed);
}

TEST_F(TcpAttemptTest, LeavesWithFinAndNotWithReset) {
  std::optional<ssize_t> end;
  server_.onConnection = [&] { end.reset(); };
  server_.onEnd = [&](ssize_t result) { end = result; };
  ASSERT_TRUE(attempt(server_.connection()).passed);
  ASSERT_TRUE(runUntil(loop_, [&] { return end.has_value(); }));
  EXPECT_EQ(end, 0);
}

TEST_F(TcpAttemptTest, FailsWhereNobodyListens) {
  const Connection to = server_.connection();
  server_.stopListening();
  EXPECT_EQ(attempt(to).why, "connect: Connection refused");
}

// A queue that is full drops SYN, as a firewall does.
TEST_F(TcpAttemptTest, FailsWhereNobodyAnswers) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  Connection to = server_.connection(std::chrono::milliseconds(50));
  to.port = ntohs(address.sin_port);
  const UniqueFd fills(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(::connect(fills.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(attempt(to).why, "no connection within 0.05 s");
}

TEST_F(TcpAttemptTest, CanBeAbandoned) {
  const TcpCheck check{server_.connection()};
  auto attempt = makeTcpAttempt(loop_, sockets_, check, [](const Verdict&) { ADD_FAILURE(); });
  attempt->start(EventLoop::now());
  attempt.reset();
  EXPECT_TRUE(loop_.turnOnce(EventLoop::now() + std::chrono::milliseconds(20)));
}

}  // namespace
}  // namespace holdfast::checkd
