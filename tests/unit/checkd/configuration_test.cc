#include "checkd/configuration.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace holdfast::checkd {
namespace {

using Kind = schema::Checker::Kind;

constexpr std::uint64_t kSecond = 1'000'000'000;

// One virtual server with one real server and one checker.
class ConfigurationTest : public testing::Test {
 public:
  ~ConfigurationTest() noexcept override = default;

 protected:
  ConfigurationTest() {
    virtualServer_.setName("[10.0.0.1]:tcp:80");
    realServer_.setName("[10.0.0.2]:tcp:80");
    checker_.getConnection().setTimeoutNs(kSecond);
  }
  [[nodiscard]] Result<Configuration> read() const { return readConfiguration(sealed_.asReader()); }
  [[nodiscard]] std::string complaint() const {
    const auto config = read();
    return config ? "" : config.error().message;
  }
  void setKind(Kind kind) { checker_.setKind(kind); }

  capnp::MallocMessageBuilder message_;
  schema::CheckerConfig::Builder sealed_ = message_.initRoot<schema::CheckerConfig>();
  schema::VirtualServer::Builder virtualServer_ = sealed_.initVirtualServers(1)[0];
  schema::RealServer::Builder realServer_ = virtualServer_.initRealServers(1)[0];
  schema::Checker::Builder checker_ = realServer_.initCheckers(1)[0];
};

TEST_F(ConfigurationTest, IsAsItWasSealed) {
  virtualServer_.setQuorum(3);
  virtualServer_.setHasSorryServer(true);
  virtualServer_.setSorryName("sorry");
  realServer_.setHasNotifyDown(true);
  realServer_.getNotifyDown().setIdentity(1);
  realServer_.getNotifyDown().setNotifier(2);
  checker_.setRetry(4);
  checker_.setDelayLoopNs(5 * kSecond);
  checker_.getConnection().setHasSocket(true);
  checker_.getConnection().setSocket(6);
  const auto config = read();
  ASSERT_TRUE(config) << complaint();
  const VirtualServer& server = config->virtualServers.at(0);
  EXPECT_EQ(server.quorum, 3U);
  EXPECT_EQ(server.sorryServer, "sorry");
  const RealServer& real = server.realServers.at(0);
  EXPECT_FALSE(real.notifyUp);
  ASSERT_TRUE(real.notifyDown);
  EXPECT_EQ(real.notifyDown->notifier, 2U);
  const Checker& checker = real.checkers.at(0);
  EXPECT_EQ(checker.retry, 4U);
  EXPECT_EQ(checker.delayLoop, std::chrono::seconds(5));
  EXPECT_EQ(std::get<TcpCheck>(checker.check).connection.socket, 6U);
}

TEST_F(ConfigurationTest, EveryKindIsRead) {
  checker_.initHttp().initUrls(1)[0].setPath("/");
  checker_.initMisc().setTimeoutNs(kSecond);
  for (const Kind kind : {Kind::TCP, Kind::HTTP, Kind::SSL, Kind::SMTP, Kind::DNS, Kind::MISC,
                          Kind::UDP, Kind::PING, Kind::FILE, Kind::BFD}) {
    setKind(kind);
    EXPECT_EQ(complaint(), "") << static_cast<int>(kind);
  }
  setKind(static_cast<Kind>(99));
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a check of an unknown kind");
}

TEST_F(ConfigurationTest, WhatTakesTimeHasALimit) {
  checker_.getConnection().setTimeoutNs(0);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a check has no time limit");
  setKind(Kind::MISC);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a script has no time limit");
  checker_.initMisc().setNeverRuns(true);
  EXPECT_EQ(complaint(), "");
}

TEST_F(ConfigurationTest, DurationsDoNotOverflow) {
  checker_.setWarmupNs(~std::uint64_t{0});
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a duration is too long");
  checker_.setWarmupNs(0);
  checker_.getConnection().setTimeoutNs(std::uint64_t{1} << 63U);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a duration is too long");
}

TEST_F(ConfigurationTest, AWebCheckHasUrlsOfAKnownProtocol) {
  setKind(Kind::HTTP);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a web check without a URL");
  checker_.initHttp().initUrls(1);
  EXPECT_EQ(complaint(), "");
  checker_.getHttp().setProtocol(static_cast<schema::HttpCheck::Protocol>(9));
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: unknown version of HTTP");
}

TEST_F(ConfigurationTest, AReplyHasAMaskOfItsSize) {
  setKind(Kind::UDP);
  auto udp = checker_.initUdp();
  udp.initReply(2);
  udp.initReplyMask(1);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a reply and its mask are not of one size");
}

TEST_F(ConfigurationTest, ListsAndTextsAreBounded) {
  realServer_.initCheckers(1025);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: too many checkers");
  auto checker = realServer_.initCheckers(1)[0];
  checker.setKind(Kind::SMTP);
  checker.initSmtp().initHosts(1025);
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: too many hosts");
  checker.initSmtp().setHeloName(std::string(70'000, 'a'));
  EXPECT_EQ(complaint(), "[10.0.0.1]:tcp:80: a text that is sent is too long");
}

}  // namespace
}  // namespace holdfast::checkd
