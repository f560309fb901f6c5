#include "checkd/tcp_connection.h"

#include <memory>

#include "tests/unit/checkd/test_server.h"

namespace holdfast::checkd {
namespace {

using std::chrono::milliseconds;

class TcpConnectionTest : public testing::Test {
 protected:
  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  TestServer server_{loop_};
  std::unique_ptr<TcpConnection> connection_;
  bool isConnected_ = false;
  bool hasEnded_ = false;
  std::string received_;
  std::string why_;

  void connect(const Connection& to) {
    connection_ = std::make_unique<TcpConnection>(
        loop_, sockets_, to,
        TcpConnection::Handlers{.connected = [this] { isConnected_ = true; },
                                .received =
                                    [this](std::span<const std::uint8_t> bytes) {
                                      received_.append(reinterpret_cast<const char*>(bytes.data()),
                                                       bytes.size());
                                    },
                                .ended = [this] { hasEnded_ = true; },
                                .failed = [this](const Verdict& verdict) { why_ = verdict.why; }});
    connection_->start(EventLoop::now());
  }
  void run() {
    EXPECT_TRUE(runUntil(loop_, [this] { return hasEnded_ || !why_.empty(); }));
  }
};

TEST_F(TcpConnectionTest, SendsAndReceives) {
  server_.onRequest = [this](const std::string& all) {
    if (all == "ask") {
      server_.send("answer");
      server_.hangUp();
    }
  };
  connect(server_.connection());
  ASSERT_TRUE(runUntil(loop_, [this] { return isConnected_; }));
  connection_->send("ask");
  run();
  EXPECT_EQ(received_, "answer");
  EXPECT_EQ(why_, "");
}

TEST_F(TcpConnectionTest, SendsWhatDoesNotFitAtOnce) {
  std::size_t size = 0;
  server_.onRequest = [&](const std::string& all) { size = all.size(); };
  connect(server_.connection());
  ASSERT_TRUE(runUntil(loop_, [this] { return isConnected_; }));
  connection_->send(std::string(10'000'000, 'x'));
  EXPECT_TRUE(runUntil(loop_, [&] { return size == 10'000'000; }));
}

TEST_F(TcpConnectionTest, FailsWhereNobodyListens) {
  const Connection to = server_.connection();
  server_.stopListening();
  connect(to);
  EXPECT_EQ(why_, "");
  run();
  EXPECT_EQ(why_, "connect: Connection refused");
}

TEST_F(TcpConnectionTest, FailsWhereThereIsNoSocket) {
  class NoSockets : public SocketSource {
    std::unique_ptr<Pending> open(SocketKind, const Connection&, Opened opened) override {
      opened(Error{"no socket to be had"});
      return nullptr;
    }
  } none;
  connection_ = std::make_unique<TcpConnection>(
      loop_, none, server_.connection(),
      TcpConnection::Handlers{.failed = [this](const Verdict& verdict) { why_ = verdict.why; }});
  connection_->start(EventLoop::now());
  EXPECT_EQ(why_, "");
  run();
  EXPECT_EQ(why_, "no socket to be had");
}

TEST_F(TcpConnectionTest, FailsWhenItIsReset) {
  server_.onConnection = [this] { server_.reset(); };
  connect(server_.connection());
  run();
  EXPECT_TRUE(why_ == "read: Connection reset by peer" ||
              why_ == "connect: Connection reset by peer")
      << why_;
}

TEST_F(TcpConnectionTest, FailsWhenNothingComes) {
  connect(server_.connection(milliseconds(50)));
  const TimePoint began = EventLoop::now();
  run();
  EXPECT_EQ(why_, "no answer within 0.05 s");
  EXPECT_TRUE(isConnected_);
  EXPECT_GE(EventLoop::now() - began, milliseconds(50));
}

// As after a pause of the machine: timers come first in a turn of the loop.
TEST_F(TcpConnectionTest, HearsWhatCameBeforeItsTimeoutWhenItIsLate) {
  bool isAccepted = false;
  server_.onConnection = [&] { isAccepted = true; };
  connect(server_.connection(milliseconds(50)));
  ASSERT_TRUE(runUntil(loop_, [&] { return isConnected_ && isAccepted; }));
  server_.send("x");
  server_.hangUp();
  const TimePoint late = EventLoop::now() + milliseconds(60);
  while (EventLoop::now() < late) {
  }
  run();
  EXPECT_TRUE(hasEnded_) << why_;
  EXPECT_EQ(received_, "x");
}

TEST_F(TcpConnectionTest, FailsWhenThereIsNoEnd) {
  Timer drip(loop_, [&](TimePoint now, Duration) {
    server_.send("x");
    drip.arm(now + milliseconds(5));
  });
  server_.onConnection = [&] { drip.arm(EventLoop::now()); };
  connect(server_.connection(milliseconds(200)));
  run();
  EXPECT_EQ(why_, "no end within 2 s");
  EXPECT_GT(received_.size(), 10U);
}

TEST_F(TcpConnectionTest, MayBeDestroyedInAnyHandler) {
  const auto destroy = [this] { connection_.reset(); };
  for (int handler = 0; handler < 4; ++handler) {
    server_.onConnection = [this, handler] {
      server_.send("x");
      if (handler != 3) {
        server_.hangUp();
      }
    };
    bool wasCalled = false;
    const auto at = [&wasCalled, destroy, handler](int which) {
      return [&wasCalled, destroy, isThis = handler == which](auto&&...) {
        if (isThis) {
          wasCalled = true;
          destroy();
        }
      };
    };
    connection_ =
        std::make_unique<TcpConnection>(loop_, sockets_, server_.connection(milliseconds(50)),
                                        TcpConnection::Handlers{at(0), at(1), at(2), at(3)});
    connection_->start(EventLoop::now());
    EXPECT_TRUE(runUntil(loop_, [&] { return wasCalled; })) << handler;
  }
}

}  // namespace
}  // namespace holdfast::checkd
