#include "ipc/peer_channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "ipc/schemas/messages.capnp.h"

namespace holdfast {
namespace {

using schema::BrokerRequest;

class PeerChannelTest : public testing::Test {
 protected:
  // The other process's end of a new channel.
  Channel attach() {
    auto ends = std::move(Channel::createPair().value());
    link_.attach(std::move(ends.first));
    return Channel(std::move(ends.second));
  }
  static void say(Channel& peer, BrokerRequest::Verb verb) {
    MessageBuffer<BrokerRequest> message;
    message.root().setVerb(verb);
    ASSERT_EQ(peer.send(message), SendOutcome::kSent);
  }
  void turn() { ASSERT_TRUE(loop_.turnOnce(EventLoop::now())); }

  // Takes what is not a yield.
  bool serve(Received& received) {
    const Decoded<BrokerRequest> decoded(received.segment());
    if (!decoded || decoded.root().getVerb() == BrokerRequest::Verb::YIELD) {
      return false;
    }
    story_ += 'm';
    return true;
  }

  EventLoop loop_ = std::move(EventLoop::create().value());
  Log log_{-1};
  std::string story_;  // m: message, g: gone, x: misbehaved
  PeerChannel link_{loop_,
                    log_,
                    {.peer = "somebody", .messagesInATurn = 2},
                    {.message = [this](Received& received) { return serve(received); },
                     .gone = [this] { story_ += link_.open() ? '?' : 'g'; },
                     .misbehaved = [this] { story_ += link_.open() ? '?' : 'x'; }}};
};

TEST_F(PeerChannelTest, ServesSoManyMessagesInATurn) {
  Channel peer = attach();
  for (int i = 0; i < 3; ++i) {
    say(peer, BrokerRequest::Verb::TAKE);
  }
  turn();
  EXPECT_EQ(story_, "mm");
  turn();
  EXPECT_EQ(story_, "mmm");
}

TEST_F(PeerChannelTest, ReadsWhatWasSaidBeforeTheEnd) {
  {
    Channel peer = attach();
    say(peer, BrokerRequest::Verb::TAKE);
  }
  turn();
  EXPECT_EQ(story_, "mg");
  EXPECT_FALSE(link_.open());
}

TEST_F(PeerChannelTest, HearsNothingAfterARuleWasBroken) {
  Channel peer = attach();
  say(peer, BrokerRequest::Verb::YIELD);
  say(peer, BrokerRequest::Verb::TAKE);
  turn();
  turn();
  EXPECT_EQ(story_, "x");
}

TEST_F(PeerChannelTest, HearsNothingAfterAMalformedMessage) {
  Channel peer = attach();
  ASSERT_EQ(::send(peer.fd(), "abc", 3, 0), 3);
  say(peer, BrokerRequest::Verb::TAKE);
  turn();
  turn();
  EXPECT_EQ(story_, "x");
}

TEST_F(PeerChannelTest, HearsOnlyTheNewOneAfterAReplacement) {
  Channel old = attach();
  say(old, BrokerRequest::Verb::TAKE);
  Channel fresh = attach();
  turn();
  EXPECT_EQ(story_, "");
  say(fresh, BrokerRequest::Verb::TAKE);
  turn();
  EXPECT_EQ(story_, "m");
}

TEST_F(PeerChannelTest, TakesNothingMoreWhenItIsClosed) {
  link_.close();
  MessageBuffer<BrokerRequest> message;
  EXPECT_EQ(link_.send(message), SendOutcome::kClosed);
  bool called = false;
  link_.onceWritable([&] { called = true; });
  turn();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace holdfast
