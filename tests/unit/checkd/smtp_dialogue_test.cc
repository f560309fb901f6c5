#include "checkd/smtp_dialogue.h"

#include <gtest/gtest.h>

namespace holdfast::checkd {
namespace {

using State = SmtpDialogue::State;

TEST(SmtpDialogue, GreetsAndLeaves) {
  SmtpDialogue dialogue("check.example.org");
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
  SmtpDialogue dialogue("h");
  for (const char c : std::string("220-one\r\n220-two\r\n220 three\r\n250\n")) {
    EXPECT_NE(dialogue.state(), State::kFailed);
    dialogue.receive(std::string(1, c));
  }
  EXPECT_EQ(dialogue.takeOutput(), "HELO h\r\nQUIT\r\n");
}

TEST(SmtpDialogue, AServerThatHangsUpAtTheEndHasAnswered) {
  SmtpDialogue dialogue("h");
  dialogue.receive("220 a\r\n250 b\r\n");
  dialogue.end();
  EXPECT_EQ(dialogue.state(), State::kDone);
}

TEST(SmtpDialogue, AServerThatHangsUpBeforeHasNot) {
  SmtpDialogue dialogue("h");
  dialogue.receive("220 a\r\n");
  dialogue.end();
  EXPECT_EQ(dialogue.why(), "the connection was closed before the reply to HELO");
}

struct Bad {
  const char* sent;
  const char* why;
};
class SmtpDialogueFails : public testing::TestWithParam<Bad> {};

TEST_P(SmtpDialogueFails, AndSaysWhy) {
  SmtpDialogue dialogue("h");
  dialogue.receive(GetParam().sent);
  EXPECT_EQ(dialogue.state(), State::kFailed);
  EXPECT_EQ(dialogue.why(), GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, SmtpDialogueFails,
    testing::Values(Bad{"554 go away\r\n", "the greeting is not 220: 554 go away"},
                    Bad{"421 too busy\r\n", "the greeting is not 220: 421 too busy"},
                    Bad{"220 a\r\n550 no\r\n", "the reply to HELO is not 250: 550 no"},
                    Bad{"SSH-2.0-OpenSSH\r\n",
                        "the greeting is no reply of a mail server: SSH-2.0-OpenSSH"},
                    Bad{"22\r\n", "the greeting is no reply of a mail server: 22"},
                    Bad{"220!\r\n", "the greeting is no reply of a mail server: 220!"},
                    Bad{"5\x01\x7f\xff\r\n", "the greeting is no reply of a mail server: 5???"}));

TEST(SmtpDialogue, ReadsNoReplyWithoutAnEnd) {
  SmtpDialogue endless("h");
  for (int i = 0; i < 100'000 && endless.state() == State::kGreeting; ++i) {
    endless.receive("220-still here\r\n");
  }
  EXPECT_EQ(endless.why(), "the greeting has more than 4096 bytes");
  SmtpDialogue wide("h");
  wide.receive("220 " + std::string(1'000'000, 'x'));
  EXPECT_EQ(wide.state(), State::kFailed);
  EXPECT_LE(wide.why().size(), 200U);
}

}  // namespace
}  // namespace holdfast::checkd
