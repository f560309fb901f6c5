// The channel to another process, read in the event loop. It is replaced when that process was
// started again, and closed when that process ends or breaks the rules.
#pragma once

#include <functional>
#include <string>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"

namespace holdfast {

class PeerChannel {
 public:
  // While one of these runs, the channel can be closed or replaced, but this object not destroyed.
  struct Handlers {
    // False: the message broke the rules.
    std::function<bool(Received& received)> message;
    // The other end was closed, and so is this one.
    std::function<void()> gone;
    // The peer broke the rules: the channel is closed, and the log knows why.
    std::function<void()> misbehaved;
  };
  struct Options {
    std::string peer;  // in the log: "privd"
    Turn turn = Turn::kRest;
    int messagesInATurn = 64;
  };

  PeerChannel(EventLoop& loop, Log& log, Options options, Handlers handlers);
  ~PeerChannel() { close(); }
  PeerChannel(const PeerChannel&) = delete;
  PeerChannel& operator=(const PeerChannel&) = delete;

  // Replaces an earlier channel. It stays closed where it cannot be watched, which the log says.
  void attach(UniqueFd channel);
  void close();
  // False from the moment that the peer's end is noticed.
  [[nodiscard]] bool open() const { return channel_.open(); }

  template <typename T>
  [[nodiscard]] SendOutcome send(const MessageBuffer<T>& message) {
    return channel_.send(message);
  }
  template <typename T>
  [[nodiscard]] SendOutcome send(const MessageBuffer<T>& message, int borrowedFd) {
    return channel_.send(message, borrowedFd);
  }
  // After kFull: calls `writable` once, when there is room again.
  void onceWritable(std::function<void()> writable);
  // Serves what has come by now, `most` messages of it.
  void read(int most);

 private:
  // False when there is nothing more to read now.
  [[nodiscard]] bool readOne(Received& received);
  void refuse(const char* why);

  EventLoop& loop_;
  Log& log_;
  Options options_;
  Handlers handlers_;
  Channel channel_;
};

}  // namespace holdfast
