// A place for scripts, and a log that remembers.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"

namespace holdfast::scriptd {

class ScriptDirectory {
 public:
  ScriptDirectory() {
    std::string name = "/tmp/holdfast-scriptd-XXXXXX";
    path_ = ::mkdtemp(name.data());
    ::chmod(path_.c_str(), 0755);
  }
  ~ScriptDirectory() { std::filesystem::remove_all(path_); }
  ScriptDirectory(const ScriptDirectory&) = delete;
  ScriptDirectory& operator=(const ScriptDirectory&) = delete;

  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }

  std::string script(const std::string& name, const std::string& text) const {
    std::ofstream(at(name)) << text;
    ::chmod(at(name).c_str(), 0755);
    return at(name);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(at(name)).rdbuf();
    return text.str();
  }

 private:
  std::string path_;
};

// The supervisor's end of a log.
class LogCapture {
 public:
  LogCapture() {
    auto pair = Channel::createPair();
    near_ = std::move(pair->first);
    far_ = std::move(pair->second);
  }
  [[nodiscard]] int fd() const { return near_.get(); }

  [[nodiscard]] const std::vector<std::string>& lines() {
    std::array<capnp::word, 256> words{};
    for (ssize_t got = 0;
         (got = ::recv(far_.get(), words.data(), sizeof(words), MSG_DONTWAIT)) > 0;) {
      const kj::ArrayPtr<const capnp::word> segment(words.data(),
                                                    static_cast<std::size_t>(got) / 8);
      capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
      lines_.emplace_back(reader.getRoot<schema::LogLine>().getText().cStr());
    }
    return lines_;
  }
  [[nodiscard]] std::size_t count(const std::string& part) {
    std::size_t found = 0;
    for (const std::string& line : lines()) {
      found += line.find(part) != std::string::npos ? 1 : 0;
    }
    return found;
  }

 private:
  UniqueFd near_;
  UniqueFd far_;
  std::vector<std::string> lines_;
};

// Turns the loop until `done`, at most for 20 seconds.
template <typename Done>
[[nodiscard]] bool turnUntil(EventLoop& loop, const Done& done) {
  const TimePoint until = EventLoop::now() + std::chrono::seconds(20);
  while (!done() && EventLoop::now() < until) {
    if (!loop.turnOnce(std::min(until, EventLoop::now() + std::chrono::milliseconds(20)))) {
      return false;
    }
  }
  return done();
}

}  // namespace holdfast::scriptd
