#include "checkd/check_run.h"

#include "checkd/check_text.h"
#include "checkd/expiry_warning.h"
#include "ipc/channel.h"
#include "tests/unit/checkd/test_server.h"

namespace holdfast::checkd {
namespace {

class CheckRunTest : public testing::Test {
 protected:
  // A check of a mail server that drains when it is told to.
  void run() {
    SmtpCheck check{.questions = {.heloName = "h", .drainsOn421 = true},
                    .tls = {},
                    .serverName = {},
                    .hosts = {mail_.connection()}};
    checker_.check = std::move(check);
    checker_.delayLoop = std::chrono::milliseconds(1);
    real_.name = "S";
    run_.emplace(means_, log_, CheckRun::Place{checker_, real_},
                 Memory::Entry{.check = {.isUp = true}},
                 [this](const CheckerStanding& standing) { standings_.push_back(standing); });
    run_->activate(EventLoop::now(), Duration::zero());
  }
  // After another verdict.
  [[nodiscard]] CheckerStanding next() {
    const std::size_t wanted = standings_.size() + 1;
    EXPECT_TRUE(runUntil(loop_, [&] { return standings_.size() >= wanted; }));
    return standings_.back();
  }
  // How often that is in the log so far.
  [[nodiscard]] std::size_t logged(std::string_view text) {
    std::array<char, 2048> buffer{};
    ssize_t size = 0;
    while ((size = ::recv(logEnd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
      said_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    std::size_t count = 0;
    for (std::size_t at = 0; (at = said_.find(text, at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  }

  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  HttpClient http_;
  TlsContexts tls_;
  ScriptRuns scripts_{[](IdentityId, std::uint32_t, std::uint32_t) { return false; }};
  Means means_{loop_, sockets_, http_, tls_, scripts_};
  std::pair<UniqueFd, UniqueFd> ends_ = std::move(Channel::createPair()).value();
  UniqueFd logEnd_ = std::move(ends_.first);
  Log log_{ends_.second.get()};
  std::string said_;
  TestServer mail_{loop_};
  Checker checker_;
  RealServer real_;
  std::vector<CheckerStanding> standings_;
  std::optional<CheckRun> run_;
};

TEST_F(CheckRunTest, ADrainIsSaidOnceAndEndsWithAnotherAnswer) {
  mail_.onConnection = [&] { mail_.send("421 too busy\r\n"); };
  run();
  EXPECT_TRUE(next().drains);
  EXPECT_TRUE(next().drains);
  EXPECT_TRUE(run_->state().isUp);
  EXPECT_EQ(logged("SMTP_CHECK on service S drains: 421 too busy"), 1U);
  mail_.onConnection = [&] { mail_.send("220 here\r\n"); };
  mail_.onRequest = [&](const std::string&) { mail_.send("250 here\r\n"); };
  while (next().drains) {
  }
  EXPECT_TRUE(standings_.back().isUp);
  EXPECT_EQ(logged("SMTP_CHECK on service S drains no more."), 1U);
}

TEST_F(CheckRunTest, AServerThatFailsForGoodDrainsNoMore) {
  mail_.onConnection = [&] { mail_.send("421 too busy\r\n"); };
  run();
  EXPECT_TRUE(next().drains);
  mail_.stopListening();
  while (next().drains) {
  }
  EXPECT_FALSE(standings_.back().isUp);
}

TEST(ExpiryWarning, IsDueOnceADay) {
  constexpr std::int64_t kDay = ExpiryWarning::kSecondsOfDay;
  const TimePoint now{std::chrono::hours(5)};
  ExpiryWarning warning(20);
  EXPECT_FALSE(warning.isDue(20 * kDay + 1, now));
  EXPECT_TRUE(warning.isDue(20 * kDay, now));
  EXPECT_FALSE(warning.isDue(20 * kDay, now + std::chrono::hours(23)));
  EXPECT_TRUE(warning.isDue(-1, now + std::chrono::hours(24)));
  EXPECT_FALSE(ExpiryWarning(0).isDue(-1, now));
}

TEST(ExpiryText, SaysHowLongItIs) {
  Checker checker;
  checker.check = SmtpCheck{};
  const std::string its = "SMTP_CHECK on service S: its certificate ";
  EXPECT_EQ(expiryText(checker, "S", 86'400 * 12 + 5), its + "expires in 12 days");
  EXPECT_EQ(expiryText(checker, "S", 86'400), its + "expires in 1 day");
  EXPECT_EQ(expiryText(checker, "S", 5), its + "expires today");
  EXPECT_EQ(expiryText(checker, "S", -5), its + "has expired");
}

}  // namespace
}  // namespace holdfast::checkd
