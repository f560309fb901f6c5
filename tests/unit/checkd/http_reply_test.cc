#include "checkd/http_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace holdfast::checkd {
namespace {

using State = HttpReply::State;

std::span<const std::uint8_t> bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What the whole of `text` comes to, in pieces of `piece` bytes.
struct Read {
  HttpReply reply;
  std::string body;

  explicit Read(std::string_view text, std::size_t piece = 100'000, bool atEnd = true) {
    for (std::size_t i = 0; i < text.size(); i += piece) {
      const auto part = reply.feed(bytesOf(text.substr(i, piece)));
      body.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    if (atEnd) {
      reply.end();
    }
  }
};

constexpr std::string_view kHello = "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello";

TEST(HttpReply, ReadsWhatComesInPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= kHello.size(); ++piece) {
    const Read read(kHello, piece);
    EXPECT_EQ(read.reply.state(), State::kComplete);
    EXPECT_EQ(read.reply.status(), 200);
    EXPECT_EQ(read.body, "hello") << piece;
    EXPECT_EQ(read.reply.statusLine(), "HTTP/1.0 200 OK");
  }
}

TEST(HttpReply, IsCompleteAtItsContentLength) {
  for (std::size_t piece = 1; piece < 60; ++piece) {
    const Read read("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello world", piece, false);
    EXPECT_EQ(read.reply.state(), State::kComplete);
    EXPECT_EQ(read.body, "hello") << piece;
  }
  EXPECT_EQ(Read("HTTP/1.0 204 No\r\nContent-Length: 0\r\n\r\n", 5, false).reply.state(),
            State::kComplete);
}

TEST(HttpReply, IsAlsoCompleteWhereItsEndComesBeforeItsContentLength) {
  const Read read("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  EXPECT_EQ(read.reply.state(), State::kComplete);
  EXPECT_EQ(read.body, "hello");
}

TEST(HttpReply, FindsContentLengthHoweverItIsWritten) {
  for (const char* line : {"content-length:3", "CONTENT-LENGTH:\t3", "Content-Length:  3  ",
                           "Content-Length: 3\r\nContent-Length: 4"}) {
    EXPECT_EQ(Read("HTTP/1.0 200 OK\r\n" + std::string(line) + "\r\n\r\nhello").body, "hel")
        << line;
  }
  for (const char* line :
       {"X-Content-Length: 3", "Content-Length: x", "Content-Length: 3x", "Content-Length: -3",
        "Content-Length:", "Content-Length", "Content-Length: 99999999999999999999999"}) {
    EXPECT_EQ(Read("HTTP/1.0 200 OK\r\n" + std::string(line) + "\r\n\r\nhello").body, "hello")
        << line;
  }
}

TEST(HttpReply, TakesTheSecondWordForTheStatus) {
  for (const char* line : {"HTTP/1.0 404 No", "HTTP/9.9 404 ", "ICY 404 x", " 404 "}) {
    EXPECT_EQ(Read(std::string(line) + "\r\n\r\n").reply.status(), 404) << line;
  }
  for (const char* line : {"HTTP/1.0 404", "HTTP/1.0  404 No", "HTTP/1.0 0404 No",
                           "HTTP/1.0 404x No", "HTTP/1.0 +40 No", "HTTP/1.0 abc No",
                           "HTTP/1.0\t404 No", "404 No", "", " ", "HTTP/1.0 40 No"}) {
    EXPECT_EQ(Read(std::string(line) + "\r\n\r\n").reply.status(), std::nullopt) << line;
  }
}

TEST(HttpReply, CountsTheFirstHeaderOfSeveral) {
  const Read read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(read.reply.status(), 100);
  EXPECT_EQ(read.body, "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(HttpReply, LeavesChunksAsTheyAre) {
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nhel").body,
            "ffffffff\r\nhel");
}

TEST(HttpReply, RefusesWhatHasNoHeader) {
  for (const std::string_view text :
       {"", "hello", "HTTP/1.0 200 OK\r\nServer: x\r\n", "HTTP/1.0 200 OK\n\nhello"}) {
    const Read read(text);
    EXPECT_EQ(read.reply.state(), State::kRefused) << text;
    EXPECT_EQ(read.reply.why(),
              text.empty() ? "no data received" : "the reply ends within its header");
  }
}

TEST(HttpReply, RefusesAnEndlessHeader) {
  for (const std::size_t piece : {1U, 1000U, 100'000U}) {
    for (const std::string& text :
         {std::string(100'000, '2'), "HTTP/1.0 " + std::string(100'000, '2') + " OK\r\n\r\n"}) {
      const Read read(text, piece, false);
      EXPECT_EQ(read.reply.state(), State::kRefused);
      EXPECT_EQ(read.reply.why(), "the header is longer than 16384 bytes");
      EXPECT_LE(read.reply.header().size(), HttpReply::kMaxHeaderBytes);
    }
  }
  const std::string most(HttpReply::kMaxHeaderBytes - 4, 'x');
  EXPECT_EQ(Read(most + "\r\n\r\nhello", 1000).body, "hello");
}

TEST(HttpReply, RefusesAnEndlessBody) {
  HttpReply reply;
  ASSERT_TRUE(reply.feed(bytesOf("HTTP/1.0 200 OK\r\n\r\n")).empty());
  const std::string megabyte(1U << 20U, 'x');
  std::uint64_t megabytes = 0;
  while (reply.state() == State::kBody && megabytes < 1000) {
    megabytes += reply.feed(bytesOf(megabyte)).empty() ? 0U : 1U;
  }
  EXPECT_EQ(reply.state(), State::kRefused);
  EXPECT_EQ(megabytes, HttpReply::kMaxBodyBytes >> 20U);
  EXPECT_TRUE(reply.feed(bytesOf(megabyte)).empty());
}

}  // namespace
}  // namespace holdfast::checkd
