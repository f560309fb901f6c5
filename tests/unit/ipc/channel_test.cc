#include "ipc/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <vector>

#include "ipc/schemas/messages.capnp.h"

namespace holdfast {
namespace {

using schema::BrokerRequest;
using schema::ControlRequest;

struct Pair {
  Pair() {
    auto ends = std::move(Channel::createPair().value());
    left = Channel(std::move(ends.first));
    right = Channel(std::move(ends.second));
  }
  Channel left;
  Channel right;
};

std::size_t openDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

// What a process that has been taken over could write.
void sendRaw(const Channel& channel, const std::vector<std::uint64_t>& words, std::size_t bytes,
             std::size_t descriptors = 0) {
  iovec part{const_cast<std::uint64_t*>(words.data()), bytes};
  std::vector<char> control(CMSG_SPACE(sizeof(int) * descriptors) + 1);
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptors > 0) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * descriptors);
    const std::vector<int> fds(descriptors, STDERR_FILENO);
    std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * descriptors);
  }
  ASSERT_EQ(::sendmsg(channel.fd(), &header, 0), static_cast<ssize_t>(bytes));
}

TEST(Channel, CarriesAMessage) {
  Pair pair;
  MessageBuffer<BrokerRequest> message;
  message.root().setVerb(BrokerRequest::Verb::YIELD);
  message.root().setInstance(7);
  ASSERT_EQ(pair.left.send(message), SendOutcome::kSent);

  Received received;
  pair.right.receive(received);
  ASSERT_EQ(received.kind, Received::Kind::kMessage);
  EXPECT_FALSE(received.fd.valid());
  const Decoded<BrokerRequest> decoded(received.segment());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded.root().getVerb(), BrokerRequest::Verb::YIELD);
  EXPECT_EQ(decoded.root().getInstance(), 7U);
  pair.right.receive(received);
  EXPECT_EQ(received.kind, Received::Kind::kWouldBlock);
}

TEST(Channel, CarriesOneDescriptorCloseOnExec) {
  Pair pair;
  MessageBuffer<ControlRequest> message;
  ASSERT_EQ(pair.left.send(message, STDERR_FILENO), SendOutcome::kSent);
  Received received;
  pair.right.receive(received);
  ASSERT_TRUE(received.fd.valid());
  EXPECT_NE(::fcntl(received.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Channel, RefusesWhatIsNotOneMessageAndLeaksNothing) {
  Pair pair;
  const std::vector<std::uint64_t> words(kMaxMessageBytes / 8 + 1);
  const std::size_t before = openDescriptors();
  Received received;
  struct Case {
    std::size_t bytes;
    std::size_t descriptors;
  };
  for (const Case& bad :
       {Case{7, 0}, Case{17, 1}, Case{kMaxMessageBytes + 8, 1}, Case{24, 2}, Case{24, 253}}) {
    sendRaw(pair.left, words, bad.bytes, bad.descriptors);
    pair.right.receive(received);
    EXPECT_EQ(received.kind, Received::Kind::kMalformed) << bad.bytes << " " << bad.descriptors;
    EXPECT_EQ(openDescriptors(), before);
  }
}

TEST(Channel, ReportsTheEndAndAFullPeer) {
  Pair pair;
  const MessageBuffer<BrokerRequest> message;
  SendOutcome outcome = SendOutcome::kSent;
  for (int i = 0; i < 100'000 && outcome == SendOutcome::kSent; ++i) {
    outcome = pair.left.send(message);
  }
  EXPECT_EQ(outcome, SendOutcome::kFull);
  pair.right.close();
  EXPECT_EQ(pair.left.send(message), SendOutcome::kClosed);
  Received received;
  pair.left.receive(received);
  EXPECT_EQ(received.kind, Received::Kind::kEndOfFile);
}

// Words can be neither copied nor assigned, numbers can.
std::span<const capnp::word> segmentOf(const std::vector<std::uint64_t>& numbers) {
  return {reinterpret_cast<const capnp::word*>(numbers.data()), numbers.size()};
}

TEST(Decoded, TakesOnlyTheExactShape) {
  MessageBuffer<BrokerRequest> message;
  message.root().setInstance(3);
  const auto bytes = message.bytes();
  std::vector<std::uint64_t> words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  EXPECT_TRUE(Decoded<BrokerRequest>(segmentOf(words)));
  EXPECT_FALSE(Decoded<schema::BrokerEvent>(segmentOf(words))) << "a larger kind";

  std::vector<std::uint64_t> longer = words;
  longer.emplace_back();
  EXPECT_FALSE(Decoded<BrokerRequest>(segmentOf(longer)));
  EXPECT_FALSE(Decoded<BrokerRequest>(segmentOf(words).first(2)));
  EXPECT_FALSE(Decoded<BrokerRequest>(std::span<const capnp::word>()));

  // Each bit of the root pointer, flipped: fewer words, a pointer section, a list, a far pointer.
  for (unsigned bit = 0; bit < 64; ++bit) {
    std::vector<std::uint64_t> bent = words;
    bent[0] ^= std::uint64_t{1} << bit;
    EXPECT_FALSE(Decoded<BrokerRequest>(segmentOf(bent))) << "bit " << bit;
  }
}

}  // namespace
}  // namespace holdfast
