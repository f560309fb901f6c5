#include "ipc/log.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <string>

#include "ipc/channel.h"

namespace holdfast {
namespace {

struct Line {
  std::string text;
  std::uint32_t dropped = 0;
};

Line receiveLine(Channel& channel) {
  Received received;
  channel.receive(received);
  EXPECT_EQ(received.kind, Received::Kind::kMessage);
  const kj::ArrayPtr<const capnp::word> segment(received.segment().data(), received.words);
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
  const auto line = reader.getRoot<schema::LogLine>();
  return {line.getText().cStr(), line.getDropped()};
}

TEST(Log, CutsLongLines) {
  auto ends = std::move(Channel::createPair().value());
  Channel supervisor(std::move(ends.second));
  Log log(ends.first.get());
  log.info(std::string(5000, 'x'));
  EXPECT_EQ(receiveLine(supervisor).text, std::string(kMaxLogText, 'x'));
  log.info("");
  EXPECT_EQ(receiveLine(supervisor).text, "");
}

TEST(Log, NeverBlocksAndSaysHowManyLinesWereLost) {
  auto ends = std::move(Channel::createPair().value());
  Channel supervisor(std::move(ends.second));
  Log log(ends.first.get());
  while (log.droppedEver() < 3) {
    log.info("a line");
  }
  Received received;
  do {
    supervisor.receive(received);
  } while (received.kind == Received::Kind::kMessage);
  log.info("through again");
  const Line line = receiveLine(supervisor);
  EXPECT_EQ(line.text, "through again");
  EXPECT_EQ(line.dropped, 3U);
}

TEST(Log, KeepsToItselfWhatNobodyWantsToRead) {
  auto ends = std::move(Channel::createPair().value());
  Channel supervisor(std::move(ends.second));
  Log log(ends.first.get());
  log.setMostDetail(1);
  EXPECT_FALSE(log.wantsExtraDetail());
  log.extraDetail("too much");
  log.detail("wanted");
  EXPECT_EQ(receiveLine(supervisor).text, "wanted");
  log.setMostDetail(Log::kExtraDetail);
  log.extraDetail("now too");
  EXPECT_EQ(receiveLine(supervisor).text, "now too");
}

}  // namespace
}  // namespace holdfast
