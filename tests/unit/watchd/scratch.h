// A directory for one test, an event loop, and a log that is read by nobody.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"

namespace holdfast::watchd {

class Scratch : public testing::Test {
 protected:
  Scratch()
      : loop_(std::move(EventLoop::create()).value()),
        logEnds_(std::move(Channel::createPair()).value()),
        log_(logEnds_.first.get()) {
    std::string pattern = std::filesystem::temp_directory_path() / "watchd-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string at(const std::string& name) const { return directory_ / name; }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Turns the loop until `done`, ten seconds at most.
  template <typename Done>
  [[nodiscard]] bool turnUntil(const Done& done) {
    const TimePoint deadline = EventLoop::now() + std::chrono::seconds(10);
    while (!done() && EventLoop::now() < deadline) {
      EXPECT_TRUE(loop_.turnOnce(deadline).ok());
    }
    return done();
  }
  // Serves what has come by now.
  void turn() { EXPECT_TRUE(loop_.turnOnce(EventLoop::now()).ok()); }

  EventLoop loop_;
  std::pair<UniqueFd, UniqueFd> logEnds_;
  Log log_;
  std::filesystem::path directory_;
};

}  // namespace holdfast::watchd
