#include "checkd/smtp_attempt.h"

#include "tests/unit/checkd/attempt_run.h"

namespace holdfast::checkd {
namespace {

class SmtpAttemptTest : public testing::Test {
 protected:
  Verdict attempt(Duration timeout = std::chrono::seconds(10)) {
    check_.hosts = {server_.connection(timeout)};
    return verdictOf(loop_, [&](Attempt::Done done) {
      return makeSmtpAttempt(loop_, sockets_, nullptr, check_, 0, std::move(done));
    });
  }

  EventLoop loop_ = std::move(EventLoop::create()).value();
  PlainSockets sockets_;
  TestServer server_{loop_};
  SmtpCheck check_{
      .questions = {.heloName = "h"}, .tls = std::nullopt, .serverName = {}, .hosts = {}};
};

TEST_F(SmtpAttemptTest, HoldsTheWholeDialogue) {
  std::string heard;
  server_.onConnection = [&] { server_.send("220 here\r\n"); };
  server_.onRequest = [&](const std::string& all) {
    heard = all;
    server_.send(all.ends_with("QUIT\r\n") ? "221 bye\r\n" : "250-here\r\n250 too\r\n");
  };
  EXPECT_TRUE(attempt().passed);
  EXPECT_EQ(heard, "HELO h\r\nQUIT\r\n");
}

TEST_F(SmtpAttemptTest, FailsWhereTheServerIsBusy) {
  server_.onConnection = [&] { server_.send("421 later\r\n"); };
  EXPECT_EQ(attempt().why, "the greeting is not 220: 421 later");
}

TEST_F(SmtpAttemptTest, FailsAtAResetAtAnyPoint) {
  server_.onConnection = [&] { server_.reset(); };
  EXPECT_FALSE(attempt().passed);
  server_.onConnection = [&] { server_.send("220 here\r\n"); };
  server_.onRequest = [&](const std::string&) { server_.reset(); };
  EXPECT_FALSE(attempt().passed);
}

TEST_F(SmtpAttemptTest, AResetAtTheEndIsNoFailure) {
  server_.onConnection = [&] { server_.send("220 here\r\n"); };
  server_.onRequest = [&](const std::string& all) {
    if (all.ends_with("QUIT\r\n")) {
      server_.reset();
    } else {
      server_.send("250 here\r\n");
    }
  };
  EXPECT_EQ(attempt().why, "");
}

TEST_F(SmtpAttemptTest, FailsWhereQuitIsMetWithSilence) {
  server_.onConnection = [&] { server_.send("220 here\r\n"); };
  server_.onRequest = [&](const std::string& all) {
    if (!all.ends_with("QUIT\r\n")) {
      server_.send("250 here\r\n");
    }
  };
  EXPECT_FALSE(attempt(std::chrono::milliseconds(50)).passed);
}

TEST_F(SmtpAttemptTest, BelievesNoBurstOfReplies) {
  server_.onConnection = [&] { server_.send("220 a\r\n250 b\r\n221 c\r\n"); };
  EXPECT_EQ(attempt().why, "it says 250 b??221 c?? before it is asked");
}

TEST_F(SmtpAttemptTest, DrainsWhereItIsToldTo) {
  check_.questions.drainsOn421 = true;
  server_.onConnection = [&] { server_.send("421 later\r\n"); };
  const Verdict verdict = attempt();
  EXPECT_TRUE(verdict.passed && verdict.drains);
  EXPECT_EQ(verdict.why, "421 later");
}

TEST_F(SmtpAttemptTest, FailsWhereTlsCannotBeUsed) {
  check_.questions.startTls = true;
  EXPECT_EQ(attempt().why, "TLS cannot be used: see its files");
}

TEST_F(SmtpAttemptTest, FailsWhereNothingIsSaid) {
  EXPECT_FALSE(attempt(std::chrono::milliseconds(50)).passed);
}

}  // namespace
}  // namespace holdfast::checkd
