// What is sent and understood in datagrams: DNS, echo requests, UDP_CHECK.
#include <gtest/gtest.h>

#include "checkd/dns_attempt.h"
#include "checkd/dns_message.h"
#include "checkd/echo_message.h"
#include "checkd/udp_attempt.h"
#include "checkd/usual_text.h"
#include "tests/unit/checkd/attempt_run.h"

namespace holdfast::checkd {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(DnsMessage, IsAsTheRfcHasIt) {
  EXPECT_EQ(dnsQuery(0x1234, "a.example.", 15),
            (Bytes{0x12, 0x34, 1,   0,   0,   1,   0,   0,   0, 0, 0,  0, 1, 'a',
                   7,    'e',  'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 15, 0, 1}));
  EXPECT_EQ(dnsQuery(1, ".", 6), (Bytes{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1}));
}

TEST(DnsMessage, OfANameThatIsTooLongIsBounded) {
  const Bytes query = dnsQuery(1, std::string(100'000, 'a'), 1);
  EXPECT_LE(query.size(), 12U + 255U + 4U);
  EXPECT_EQ(query[12], 63);
}

TEST(DnsMessage, AnswersCountByTheirIdAndCode) {
  Bytes answer(12);
  answer[0] = 0x12;
  answer[1] = 0x34;
  answer[2] = 0x81;
  EXPECT_EQ(judgeDnsAnswer(0x1234, answer).answer, DnsAnswer::kGood);
  EXPECT_EQ(judgeDnsAnswer(0x1235, answer).answer, DnsAnswer::kNotOurs);
  answer[3] = 3;
  EXPECT_EQ(judgeDnsAnswer(0x1234, answer).why, "the answer is NXDOMAIN");
  answer[3] = 11;
  EXPECT_EQ(judgeDnsAnswer(0x1234, answer).why, "the answer is RCODE 11");
  answer[2] = 0x01;
  EXPECT_EQ(judgeDnsAnswer(0x1234, answer).answer, DnsAnswer::kNotOurs) << "a question";
  answer.resize(11);
  EXPECT_EQ(judgeDnsAnswer(0x1234, answer).answer, DnsAnswer::kNotOurs);
  EXPECT_EQ(judgeDnsAnswer(0x1234, {}).answer, DnsAnswer::kNotOurs);
}

Bytes replyTo(Bytes request, std::uint8_t type) {
  request[0] = type;
  return request;
}

TEST(EchoMessage, HasAChecksumThatIsRight) {
  const Bytes request = echoRequest(AddressFamily::kIpv4, 0x0102030405060708);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < request.size(); i += 2) {
    sum += static_cast<std::uint32_t>(request[i] << 8U | request[i + 1]);
  }
  EXPECT_EQ((sum & 0xffffU) + (sum >> 16U), 0xffffU);
}

TEST(EchoMessage, KnowsItsReplyFromBothKindsOfSocket) {
  constexpr std::uint64_t kToken = 0x0102030405060708;
  const Bytes reply = replyTo(echoRequest(AddressFamily::kIpv4, kToken), 0);
  EXPECT_TRUE(isEchoReply(AddressFamily::kIpv4, kToken, reply));
  Bytes raw(24);
  raw[0] = 0x46;  // with options
  raw.insert(raw.end(), reply.begin(), reply.end());
  EXPECT_TRUE(isEchoReply(AddressFamily::kIpv4, kToken, raw));
  EXPECT_TRUE(isEchoReply(AddressFamily::kIpv6, kToken,
                          replyTo(echoRequest(AddressFamily::kIpv6, kToken), 129)));
}

TEST(EchoMessage, IsNotDeceived) {
  constexpr std::uint64_t kToken = 42;
  const Bytes request = echoRequest(AddressFamily::kIpv4, kToken);
  EXPECT_FALSE(isEchoReply(AddressFamily::kIpv4, kToken, request)) << "its own request";
  EXPECT_FALSE(isEchoReply(AddressFamily::kIpv4, kToken + 1, replyTo(request, 0)));
  for (std::size_t size = 0; size < request.size(); ++size) {
    const Bytes reply = replyTo(request, 0);
    EXPECT_FALSE(isEchoReply(AddressFamily::kIpv4, kToken, std::span(reply).first(size)));
  }
  EXPECT_FALSE(isEchoReply(AddressFamily::kIpv4, kToken, Bytes{0x4f}));
}

TEST(UdpReply, IsComparedAsFarAsItGoes) {
  UdpCheck check;
  check.reply = {0x12, 0x30};
  check.replyMask = {0xff, 0xf0};
  EXPECT_FALSE(judgeReply(check, Bytes{0x12, 0x3f, 0x99}));
  EXPECT_FALSE(judgeReply(check, Bytes{0x12}));
  EXPECT_EQ(judgeReply(check, Bytes{0x12, 0x40}),
            "the reply differs from what is required at byte 1");
  check.minReplyBytes = 2;
  check.maxReplyBytes = 3;
  EXPECT_EQ(judgeReply(check, Bytes{0x12}), "a reply of 1 bytes, not of 2 to 3");
  EXPECT_EQ(judgeReply(check, Bytes(4)), "a reply of 4 bytes, not of 2 to 3");
}

// Answers every datagram with what it is told.
class UdpServer {
 public:
  explicit UdpServer(EventLoop& loop) : loop_(loop), fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    EXPECT_TRUE(loop.addReader(fd_.get(), Turn::kRest, [this] { answer(); }).ok());
  }
  ~UdpServer() { close(); }
  UdpServer(const UdpServer&) = delete;
  UdpServer& operator=(const UdpServer&) = delete;

  [[nodiscard]] Connection connection(Duration timeout) const {
    Connection to;
    to.address = *IpAddress::parse("127.0.0.1");
    to.port = port_;
    to.timeout = timeout;
    return to;
  }
  void close() {
    if (fd_) {
      loop_.removeReader(fd_.get());
      fd_.reset();
    }
  }

  std::function<std::vector<Bytes>(const Bytes& request)> answers = [](const Bytes&) {
    return std::vector<Bytes>{};
  };
  Bytes heard;

 private:
  void answer() {
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    Bytes request(2048);
    const ssize_t length = ::recvfrom(fd_.get(), request.data(), request.size(), MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&from), &size);
    if (length < 0) {
      return;
    }
    request.resize(static_cast<std::size_t>(length));
    heard = request;
    for (const Bytes& one : answers(request)) {
      ::sendto(fd_.get(), one.data(), one.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  EventLoop& loop_;
  UniqueFd fd_;
  std::uint16_t port_ = 0;
};

class DatagramAttempt : public testing::Test {
 protected:
  static constexpr Duration kLong = std::chrono::seconds(10);
  static constexpr Duration kShort = std::chrono::milliseconds(50);

  Verdict udp(const UdpCheck& check) {
    return verdictOf(loop_, [&](Attempt::Done done) {
      return makeUdpAttempt(loop_, sockets_, check, std::move(done));
    });
  }
  Verdict dns(const DnsCheck& check) {
    return verdictOf(loop_, [&](Attempt::Done done) {
      return makeDnsAttempt(loop_, sockets_, check, std::move(done));
    });
  }

  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  UdpServer server_{loop_};
};

TEST_F(DatagramAttempt, UdpSilenceIsEnough) {
  EXPECT_TRUE(udp({.connection = server_.connection(kShort)}).passed);
  EXPECT_EQ(server_.heard, usualText(32));
}

TEST_F(DatagramAttempt, UdpSilenceIsNotEnoughWhereAReplyIsRequired) {
  EXPECT_EQ(udp({.connection = server_.connection(kShort), .requireReply = true}).why,
            "no reply within 0.05 s");
}

TEST_F(DatagramAttempt, UdpPortThatIsClosedIsAFailure) {
  const UdpCheck check{.connection = server_.connection(kLong)};
  server_.close();
  EXPECT_EQ(udp(check).why, "Connection refused");
}

TEST_F(DatagramAttempt, UdpReplyIsJudged) {
  server_.answers = [](const Bytes&) { return std::vector<Bytes>{{1, 2, 3}}; };
  UdpCheck check{.connection = server_.connection(kLong),
                 .payload = {9},
                 .requireReply = true,
                 .reply = {1},
                 .replyMask = {0xff}};
  EXPECT_TRUE(udp(check).passed);
  EXPECT_EQ(server_.heard, Bytes{9});
  check.reply = {2};
  EXPECT_FALSE(udp(check).passed);
}

// Hands out no socket.
class NoSockets : public SocketSource {
 public:
  std::unique_ptr<Pending> open(SocketKind, const Connection&, Opened) override {
    return std::make_unique<Pending>();
  }
};

TEST_F(DatagramAttempt, WithoutASocketNothingPasses) {
  NoSockets none;
  const UdpCheck check{.connection = server_.connection(kShort)};
  EXPECT_EQ(verdictOf(loop_,
                      [&](Attempt::Done done) {
                        return makeUdpAttempt(loop_, none, check, std::move(done));
                      })
                .why,
            "its socket was not made in time");
}

TEST_F(DatagramAttempt, DnsWaitsForItsOwnAnswer) {
  server_.answers = [](const Bytes& query) {
    Bytes foreign(12);
    Bytes answer(query);
    answer[2] = 0x81;
    foreign[2] = 0x81;
    foreign[0] = static_cast<std::uint8_t>(query[0] ^ 1U);
    return std::vector<Bytes>{foreign, {}, answer};
  };
  EXPECT_TRUE(dns({.connection = server_.connection(kLong), .type = 6, .name = "."}).passed);
}

TEST_F(DatagramAttempt, DnsRefusalIsAFailure) {
  server_.answers = [](const Bytes& query) {
    Bytes answer(query);
    answer[2] = 0x81;
    answer[3] = 5;
    return std::vector<Bytes>{answer};
  };
  EXPECT_EQ(dns({.connection = server_.connection(kLong), .type = 6, .name = "."}).why,
            "the answer is REFUSED");
}

TEST_F(DatagramAttempt, DnsSilenceIsAFailure) {
  EXPECT_EQ(dns({.connection = server_.connection(kShort), .type = 6, .name = "."}).why,
            "no answer within 0.05 s");
}

}  // namespace
}  // namespace holdfast::checkd
