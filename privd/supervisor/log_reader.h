// The supervisor's side of a worker's log socket. What comes in is text from a process that may
// have been taken over: bounded in size and in lines a turn, and printed as printable ASCII only.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "privd/supervisor/log_sink.h"

namespace holdfast::supervisor {

class LogReader {
 public:
  using Consumer = std::function<void(const LogRecord&)>;

  // `broken` is called once, when something came that is not a log line; nothing is read after it.
  LogReader(EventLoop& loop, Channel channel, std::string ident, pid_t pid, Consumer consumer,
            std::function<void()> broken);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  [[nodiscard]] Status watch();
  // Reads what a process that is gone has left behind.
  void drain();

 private:
  void readSome(int lines);
  // False for anything that is not a log line.
  [[nodiscard]] bool consume(const Received& received);
  void close();

  EventLoop& loop_;
  Channel channel_;
  std::string ident_;
  pid_t pid_;
  Consumer consumer_;
  std::function<void()> broken_;
};

}  // namespace holdfast::supervisor
