// holdfast-confd itself, in its sandbox, as the supervisor starts it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "ipc/channel.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/sealed.h"

namespace holdfast::config {
namespace {

struct Outcome {
  std::vector<std::string> lines;
  std::vector<schema::CompilerEvent::Addressee> sealed;
  std::optional<std::uint32_t> exitCode;
  std::uint32_t problems = 0;
  int waitStatus = 0;
};

[[noreturn]] void become(UniqueFd control, UniqueFd log, std::vector<std::string> arguments) {
  // Above 3 and 4 first, so that neither is closed by the other's place.
  const int controlFd = ::fcntl(control.get(), F_DUPFD, 10);
  const int logFd = ::fcntl(log.get(), F_DUPFD, 10);
  ::dup2(controlFd, 3);
  ::dup2(logFd, 4);
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  ::execv(HOLDFAST_CONFD, argv.data());
  ::_exit(127);
}

void takeEvent(const Received& received, Outcome& run) {
  const Decoded<schema::CompilerEvent> event(received.segment());
  ASSERT_TRUE(static_cast<bool>(event));
  if (event.root().getKind() == schema::CompilerEvent::Kind::VERDICT) {
    run.exitCode = event.root().getExitCode();
    run.problems = event.root().getProblems();
    return;
  }
  EXPECT_FALSE(run.exitCode.has_value()) << "the verdict comes last";
  EXPECT_TRUE(checkSealed(received.fd.get()).ok());
  run.sealed.push_back(event.root().getAddressee());
}

void takeLine(const Received& received, Outcome& run) {
  const kj::ArrayPtr<const capnp::word> segment(received.segment().data(), received.words);
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
  const auto line = reader.getRoot<schema::LogLine>();
  EXPECT_EQ(line.getDropped(), 0U);
  run.lines.emplace_back(line.getText().cStr());
}

// Reads until the other end is closed.
template <typename Take>
void drain(Channel& channel, Outcome& run, Take take) {
  while (channel.open()) {
    pollfd poller{channel.fd(), POLLIN, 0};
    ASSERT_GT(::poll(&poller, 1, 30000), 0);
    Received received;
    channel.receive(received);
    if (received.kind == Received::Kind::kMessage) {
      take(received, run);
    } else if (received.kind != Received::Kind::kWouldBlock) {
      channel.close();
    }
  }
}

Outcome confd(const std::string& text, const std::vector<std::string>& more = {}) {
  std::string path = "/tmp/holdfast-confd-test-XXXXXX";
  UniqueFd file(::mkstemp(path.data()));
  EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  auto control = Channel::createPair();
  auto log = Channel::createPair();
  std::vector<std::string> arguments = {"holdfast-confd", "--file=" + path, "--config-id=main"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(std::move(control->second), std::move(log->second), std::move(arguments));
  }
  control->second.reset();
  log->second.reset();
  Outcome run;
  Channel lines(std::move(log->first));
  Channel events(std::move(control->first));
  drain(lines, run, takeLine);
  drain(events, run, takeEvent);
  ::waitpid(pid, &run.waitStatus, 0);
  std::remove(path.c_str());
  return run;
}

const std::string kGood =
    "vrrp_instance A {\ninterface lo\nvirtual_router_id 5\npriority 90\n"
    "virtual_ipaddress { 10.9.0.9 }\nnotify /bin/true\n}\n";

TEST(Confd, HandsOverSealedMessagesAndThenItsVerdict) {
  const Outcome run = confd(kGood);
  using Addressee = schema::CompilerEvent::Addressee;
  EXPECT_EQ(run.waitStatus, 0);
  EXPECT_EQ(run.exitCode, 0U);
  EXPECT_EQ(run.sealed, (std::vector<Addressee>{Addressee::SUPERVISOR, Addressee::PRIVD,
                                                Addressee::VRRPD, Addressee::SCRIPTD}));
  EXPECT_TRUE(run.lines.empty());
}

TEST(Confd, ACheckHasNothingForAWorker) {
  const Outcome run = confd(kGood, {"--check"});
  EXPECT_EQ(run.exitCode, 0U);
  EXPECT_EQ(run.sealed, std::vector{schema::CompilerEvent::Addressee::SUPERVISOR});
}

TEST(Confd, AWatchdHasAMessageWhereThereIsSomethingToWatch) {
  const Outcome run = confd("track_file f {\nfile /run/f\n}\n" + kGood);
  EXPECT_EQ(std::ranges::count(run.sealed, schema::CompilerEvent::Addressee::WATCHD), 1);
}

TEST(Confd, HandsOverNothingThatCannotBeUsed) {
  const Outcome run = confd("vrrp_instance A {\ninterface lo\n}\n");
  EXPECT_EQ(run.waitStatus, 0);
  EXPECT_EQ(run.exitCode, 5U);
  EXPECT_TRUE(run.sealed.empty());
}

TEST(Confd, LosesNoDiagnostic) {
  std::string text;
  for (int i = 0; i < 900; ++i) {
    text += "nonsense" + std::to_string(i) + "\n";
  }
  const Outcome run = confd(text + kGood);
  EXPECT_EQ(run.waitStatus, 0);
  EXPECT_EQ(run.lines.size(), 900U);
  EXPECT_EQ(run.problems, 900U);
  EXPECT_EQ(run.sealed.size(), 4U);
}

TEST(Confd, ShowsTheLineInACheckAndJsonOnRequest) {
  const Outcome check = confd("nonsense\n", {"--check"});
  ASSERT_EQ(check.lines.size(), 3U);
  EXPECT_EQ(check.lines[0], "(Line 1) Unknown keyword 'nonsense'");
  EXPECT_EQ(check.lines[2], "    ^");
  const Outcome json = confd("nonsense\n", {"--check", "--format=json"});
  ASSERT_EQ(json.lines.size(), 1U);
  EXPECT_EQ(json.lines[0].front(), '{');
}

TEST(Confd, JsonSaysAlsoWhatItDoesNotSay) {
  std::string text;
  for (std::size_t i = 0; i < 1010; ++i) {
    text += "nonsense\n";
  }
  const Outcome run = confd(text, {"--check", "--format=json"});
  ASSERT_EQ(run.lines.size(), 1001U);
  EXPECT_NE(run.lines.back().find("and 10 more problems"), std::string::npos);
  EXPECT_EQ(run.lines.back().front(), '{');
}

TEST(Confd, StrictMakesWhatItSaysFatal) {
  const std::string unsupported = "linkbeat_use_polling\n";
  EXPECT_EQ(confd(unsupported + kGood, {"--check"}).exitCode, 0U);
  const Outcome run = confd(unsupported + kGood, {"--check", "--format=json", "--strict"});
  EXPECT_EQ(run.exitCode, 5U);
  EXPECT_EQ(run.problems, 1U);
  EXPECT_TRUE(run.sealed.empty());
  ASSERT_EQ(run.lines.size(), 1U);
  EXPECT_NE(run.lines[0].find("\"severity\":\"fatal\""), std::string::npos);
  EXPECT_EQ(confd(kGood, {"--check", "--strict"}).exitCode, 0U);
}

TEST(Confd, TakesTheInterfacesThatItIsToldToExist) {
  const std::string text =
      "vrrp_instance A {\ninterface nowhere0\nvirtual_router_id 5\npriority 90\n"
      "virtual_ipaddress { 10.9.0.9 }\n}\n";
  EXPECT_EQ(confd(text).exitCode, 5U);
  EXPECT_EQ(confd(text, {"--assume-interfaces=other0,nowhere0"}).exitCode, 0U);
  EXPECT_EQ(confd(text, {"--assume-interfaces=other0"}).exitCode, 5U);
  EXPECT_EQ(confd(kGood, {"--assume-interfaces=nowhere0"}).exitCode, 5U);  // there is no lo
  EXPECT_EQ(confd(text, {"--assume-all-interfaces"}).exitCode, 0U);
}

TEST(Confd, AMissingFileIsSaidSo) {
  const Outcome run = confd("", {"--file=/nonexistent/keepalived.conf"});
  EXPECT_EQ(run.exitCode, 4U);
  ASSERT_FALSE(run.lines.empty());
  EXPECT_NE(run.lines[0].find("Config files missing '/nonexistent/keepalived.conf'."),
            std::string::npos);
}

TEST(Confd, DumpsThePreprocessedText) {
  const Outcome run = confd("$I=lo\n@other x\n" + kGood, {"--dump"});
  EXPECT_EQ(run.lines.size(), 7U);
}

TEST(Confd, EndsWhereTheConfigurationDoesNot) {
  const Outcome run = confd("$M= \\\n $M \\\n $M\n$M\n");
  EXPECT_EQ(run.waitStatus, 0);
  EXPECT_EQ(run.exitCode, 5U);
  EXPECT_TRUE(run.sealed.empty());
}

}  // namespace
}  // namespace holdfast::config
