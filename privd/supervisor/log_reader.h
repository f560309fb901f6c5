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

  LogReader(EventLoop& loop, Channel channel, std::string ident, pid_t pid, Consumer consumer);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  [[nodiscard]] Status watch();
  // Reads what a process that is gone has left behind.
  void drain();

 private:
  // False at the end, and for anything that is not a log line.
  bool readSome(int lines);
  void consume(const Received& received);
  void close();

  EventLoop& loop_;
  Channel channel_;
  std::string ident_;
  pid_t pid_;
  Consumer consumer_;
};

}  // namespace holdfast::supervisor
