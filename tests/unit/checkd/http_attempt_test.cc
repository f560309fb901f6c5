#include "checkd/http_attempt.h"

#include "tests/unit/checkd/test_server.h"

namespace holdfast::checkd {
namespace {

using std::chrono::milliseconds;

class HttpAttemptTest : public testing::Test {
 protected:
  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  TestServer server_{loop_};
  HttpClient client_;
  HttpCheck check_;
  std::string request_;
  int verdicts_ = 0;

  void SetUp() override {
    check_.connection = server_.connection();
    Url url;
    url.path = "/";
    url.host = "h";
    url.statusCodes = {{200, 299}};
    check_.urls = {url};
  }

  // What the attempt says where the server answers with `pieces` and then closes, resets or waits.
  enum class Then { kClose, kReset, kWait };
  std::string attempt(std::vector<std::string> pieces, Then then = Then::kClose) {
    Timer next(loop_, [&](TimePoint now, Duration) {
      if (!pieces.empty()) {
        server_.send(pieces.front());
        pieces.erase(pieces.begin());
        next.arm(now + milliseconds(2));
      } else if (then == Then::kClose) {
        server_.hangUp();
      } else if (then == Then::kReset) {
        server_.reset();
      }
    });
    server_.onRequest = [&](const std::string& all) {
      request_ = all;
      if (all.ends_with("\r\n\r\n")) {
        next.arm(EventLoop::now());
      }
    };
    std::optional<Verdict> verdict;
    std::unique_ptr<Attempt> attempt =
        makeHttpAttempt(loop_, sockets_, client_, nullptr, check_, 0, [&](const Verdict& said) {
          ++verdicts_;
          verdict = said;
          attempt.reset();
        });
    attempt->start(EventLoop::now());
    EXPECT_FALSE(verdict.has_value());
    EXPECT_TRUE(runUntil(loop_, [&] { return verdict.has_value(); }));
    server_.hangUp();
    EXPECT_LE(verdict->why.size(), 200U);
    EXPECT_TRUE(std::all_of(verdict->why.begin(), verdict->why.end(), [](char c) {
      return c >= ' ' && c <= '~';
    })) << verdict->why;
    EXPECT_EQ(verdict->passed, verdict->why.empty());
    return verdict->why;
  }
};

TEST_F(HttpAttemptTest, PassesWhereTheStatusIsGood) {
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n\r\nhello"}), "");
  EXPECT_EQ(request_, "GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: h\r\n\r\n");
  EXPECT_EQ(attempt({"HTTP/1.0 20", "4 No Con", "tent\r\n\r", "\n"}), "");
}

TEST_F(HttpAttemptTest, FailsWhereTheStatusIsNot) {
  EXPECT_EQ(attempt({"HTTP/1.0 404 Not \x01"
                     "Found\r\n\r\n"},
                    Then::kWait),
            "HTTP status code error: HTTP/1.0 404 Not ?Found");
  EXPECT_EQ(attempt({std::string(10'000, 'x') + "\r\n\r\n"}, Then::kWait),
            "HTTP status code error: " + std::string(80, 'x'));
}

TEST_F(HttpAttemptTest, DoesNotWaitForTheEndOfACompleteReply) {
  EXPECT_EQ(attempt({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "llo"}, Then::kWait), "");
}

TEST_F(HttpAttemptTest, ComparesTheDigest) {
  check_.urls[0].digest = {0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76,
                           0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92};
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n\r\nhe", "llo"}), "");
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n\r\nhe", "ll"}),
            "MD5 digest error: it is 4229d691b07b13341da53f17ab9f2416");
}

TEST_F(HttpAttemptTest, SearchesTheBodyAndNotTheHeader) {
  check_.urls[0].regex = "h.*o$";
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n\r\nhe", "llo"}), "");
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\nX: hello\r\n\r\n"}),
            "Regex match failed: it is not there");
  check_.urls[0].regex = "(";
  EXPECT_EQ(attempt({}), "regex: missing closing parenthesis at offset 1");
}

TEST_F(HttpAttemptTest, EndsWhereverTheServerBreaksOff) {
  const std::string reply = "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello";
  const std::size_t header = reply.size() - 5;
  for (std::size_t size = 0; size < reply.size(); ++size) {
    const std::string part = reply.substr(0, size);
    EXPECT_EQ(attempt({part}), size == 0       ? "no data received"
                               : size < header ? "the reply ends within its header"
                                               : "")
        << size;
    EXPECT_EQ(attempt({part}, Then::kReset), "read: Connection reset by peer") << size;
  }
  EXPECT_EQ(attempt({reply}), "");
}

TEST_F(HttpAttemptTest, EndsInTimeWhateverTheServerSends) {
  check_.connection.timeout = milliseconds(200);
  const std::vector<std::string> slow(100'000, "x");
  EXPECT_EQ(attempt(slow), "no end within 2 s");
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n"}, Then::kWait), "no answer within 0.2 s");
  check_.connection.timeout = std::chrono::seconds(5);
  EXPECT_EQ(attempt({"HTTP/1.0 " + std::string(100'000, '2')}, Then::kWait),
            "the header is longer than 16384 bytes");
  std::string headers = "HTTP/1.0 200 OK\r\n";
  while (headers.size() < 50'000) {
    headers += "X: y\r\n";
  }
  EXPECT_EQ(attempt({headers}, Then::kWait), "the header is longer than 16384 bytes");
  EXPECT_EQ(attempt({"HTTP/1.0 200 OK\r\n\r\nhello"}), "");
}

TEST_F(HttpAttemptTest, IsAbandonedWhenItIsDestroyed) {
  auto attempt = makeHttpAttempt(loop_, sockets_, client_, nullptr, check_, 0,
                                 [this](const Verdict&) { ++verdicts_; });
  attempt->start(EventLoop::now());
  bool isClosed = false;
  server_.onConnection = [&] {
    attempt.reset();
    isClosed = true;
  };
  EXPECT_TRUE(runUntil(loop_, [&] { return isClosed; }));
  EXPECT_TRUE(loop_.turnOnce(EventLoop::now() + milliseconds(20)).ok());
  EXPECT_EQ(verdicts_, 0);
}

}  // namespace
}  // namespace holdfast::checkd
