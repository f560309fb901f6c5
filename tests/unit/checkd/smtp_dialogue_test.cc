#include "checkd/smtp_dialogue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::checkd {
namespace {

using State = SmtpDialogue::State;

// Each of `replies` comes when what is asked has been taken. All that was asked.
std::string hold(SmtpDialogue& dialogue, const std::vector<std::string>& replies) {
  std::string asked = dialogue.takeOutput();
  for (const std::string& reply : replies) {
    dialogue.receive(reply);
    if (dialogue.state() == State::kSecuring) {
      dialogue.secured();
      asked += "(TLS)\r\n";
    }
    asked += dialogue.takeOutput();
  }
  return asked;
}

TEST(SmtpDialogue, GreetsAndLeaves) {
  SmtpDialogue dialogue({.heloName = "check.example.org"});
  EXPECT_EQ(dialogue.takeOutput(), "") << "the server speaks first";
  dialogue.receive("220 mail.example.org ESMTP\r\n");
  EXPECT_EQ(dialogue.takeOutput(), "HELO check.example.org\r\n");
  dialogue.receive("250 mail.example.org\r\n");
  EXPECT_EQ(dialogue.takeOutput(), "QUIT\r\n");
  EXPECT_EQ(dialogue.state(), State::kQuit);
  dialogue.receive("221 Bye\r\n");
  EXPECT_EQ(dialogue.state(), State::kDone);
}

TEST(SmtpDialogue, TakesRepliesByteForByteAndOfManyLines) {
  SmtpDialogue dialogue({.heloName = "h"});
  std::string said;
  for (const char c : std::string("220-one\r\n220-two\r\n220 three\r\n250\n")) {
    EXPECT_NE(dialogue.state(), State::kFailed);
    dialogue.receive(std::string(1, c));
    said += dialogue.takeOutput();
  }
  EXPECT_EQ(said, "HELO h\r\nQUIT\r\n");
}

TEST(SmtpDialogue, AServerThatHangsUpAtTheEndHasAnswered) {
  SmtpDialogue dialogue({.heloName = "h"});
  hold(dialogue, {"220 a\r\n", "250 b\r\n"});
  dialogue.end();
  EXPECT_EQ(dialogue.state(), State::kDone);
}

TEST(SmtpDialogue, AServerThatHangsUpBeforeHasNot) {
  SmtpDialogue dialogue({.heloName = "h"});
  hold(dialogue, {"220 a\r\n"});
  dialogue.end();
  EXPECT_EQ(dialogue.why(), "the connection was closed before the reply to HELO");
}

TEST(SmtpDialogue, BelievesNoReplyThatComesBeforeItsCommand) {
  SmtpDialogue burst({.heloName = "h"});
  burst.receive("220 a\r\n250 b\r\n221 c\r\n");
  EXPECT_EQ(burst.state(), State::kFailed);
  EXPECT_EQ(burst.why(), "it says 250 b??221 c?? before it is asked");
  SmtpDialogue late({.heloName = "h"});
  hold(late, {"220 a\r\n"});
  late.receive("250 b\r\n2");
  EXPECT_EQ(late.why(), "it says 2 before it is asked");
  SmtpDialogue inTwo({.heloName = "h"});
  inTwo.receive("220 a\r\n");
  inTwo.receive("250 b\r\n");
  EXPECT_EQ(inTwo.state(), State::kFailed) << "HELO has not been sent";
}

SmtpQuestions everything() {
  return {.heloName = "h",
          .extended = true,
          .startTls = true,
          .sender = "a@b.example",
          .recipient = "c@d.example",
          .drainsOn421 = true};
}

TEST(SmtpDialogue, SecuresItselfAndAsksForARecipient) {
  SmtpDialogue dialogue(everything());
  EXPECT_EQ(hold(dialogue, {"220 a\r\n", "250-a\r\n250-SIZE 9\r\n250 startTLS\r\n", "220 go\r\n",
                            "250 a\r\n", "250 fine\r\n", "251 elsewhere\r\n", "221 bye\r\n"}),
            "EHLO h\r\nSTARTTLS\r\n(TLS)\r\nEHLO h\r\nMAIL FROM:<a@b.example>\r\n"
            "RCPT TO:<c@d.example>\r\nQUIT\r\n");
  EXPECT_EQ(dialogue.state(), State::kDone);
}

TEST(SmtpDialogue, AsksForTheEmptySenderAlone) {
  SmtpDialogue dialogue({.heloName = "h", .sender = ""});
  EXPECT_EQ(hold(dialogue, {"220 a\r\n", "250 b\r\n", "250 c\r\n"}),
            "HELO h\r\nMAIL FROM:<>\r\nQUIT\r\n");
}

TEST(SmtpDialogue, GoesOnInTheClearWithNobody) {
  SmtpDialogue bare(everything());
  hold(bare, {"220 a\r\n", "250-STARTTLSX\r\n250 SIZE\r\n"});
  EXPECT_EQ(bare.why(), "it does not offer STARTTLS");
  SmtpDialogue refused(everything());
  hold(refused, {"220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "454 not now\r\n"});
  EXPECT_EQ(refused.why(), "the reply to STARTTLS is not 220: 454 not now");
}

TEST(SmtpDialogue, TakesNothingSaidInTheClearForSecured) {
  SmtpDialogue dialogue(everything());
  hold(dialogue, {"220 a\r\n", "250-a\r\n250 STARTTLS\r\n"});
  dialogue.receive("220 go\r\n250 injected\r\n");
  EXPECT_EQ(dialogue.why(), "it says 250 injected?? before it is asked");
}

TEST(SmtpDialogue, DrainsAtAnyReply421ButThatToQuit) {
  std::vector<std::string> replies = {"220 a\r\n",  "250-a\r\n250 STARTTLS\r\n",
                                      "220 go\r\n", "250 a\r\n",
                                      "250 b\r\n",  "250 c\r\n"};
  for (std::size_t i = 0; i < replies.size(); ++i) {
    SmtpDialogue dialogue(everything());
    hold(dialogue, {replies.begin(), replies.begin() + static_cast<std::ptrdiff_t>(i)});
    dialogue.receive("421 shutting down\r\n");
    EXPECT_EQ(dialogue.state(), State::kDraining) << i;
    EXPECT_EQ(dialogue.why(), "421 shutting down") << i;
  }
  replies.emplace_back("421 bye\r\n");
  SmtpDialogue leaving(everything());
  hold(leaving, replies);
  EXPECT_EQ(leaving.state(), State::kDone);
}

struct Bad {
  std::vector<std::string> sent;
  const char* why;
};
class SmtpDialogueFails : public testing::TestWithParam<Bad> {};

TEST_P(SmtpDialogueFails, AndSaysWhy) {
  SmtpDialogue dialogue({.heloName = "h", .sender = "a", .recipient = "b"});
  hold(dialogue, GetParam().sent);
  EXPECT_EQ(dialogue.state(), State::kFailed);
  EXPECT_EQ(dialogue.why(), GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, SmtpDialogueFails,
    testing::Values(
        Bad{{"554 go away\r\n"}, "the greeting is not 220: 554 go away"},
        Bad{{"421 too busy\r\n"}, "the greeting is not 220: 421 too busy"},
        Bad{{"220 a\r\n", "550 no\r\n"}, "the reply to HELO is not 250: 550 no"},
        Bad{{"220 a\r\n", "250 b\r\n", "451 later\r\n"}, "the reply to MAIL is not 250: 451 later"},
        Bad{{"220 a\r\n", "250 b\r\n", "250 c\r\n", "550 nobody\r\n"},
            "the reply to RCPT is not 250: 550 nobody"},
        Bad{{"SSH-2.0-OpenSSH\r\n"}, "the greeting is no reply of a mail server: SSH-2.0-OpenSSH"},
        Bad{{"22\r\n"}, "the greeting is no reply of a mail server: 22"},
        Bad{{"220!\r\n"}, "the greeting is no reply of a mail server: 220!"},
        Bad{{"5\x01\x7f\xff\r\n"}, "the greeting is no reply of a mail server: 5???"}));

TEST(SmtpDialogue, ReadsNoReplyWithoutAnEnd) {
  SmtpDialogue endless({.heloName = "h"});
  for (int i = 0; i < 100'000 && endless.state() == State::kGreeting; ++i) {
    endless.receive("220-still here\r\n");
  }
  EXPECT_EQ(endless.why(), "the greeting has more than 4096 bytes");
  SmtpDialogue wide({.heloName = "h"});
  wide.receive("220 " + std::string(1'000'000, 'x'));
  EXPECT_EQ(wide.state(), State::kFailed);
  EXPECT_LE(wide.why().size(), 200U);
}

}  // namespace
}  // namespace holdfast::checkd
