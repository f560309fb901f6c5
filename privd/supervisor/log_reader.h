// The supervisor's side of a worker's log socket. What comes in is text from a process that may
// have been taken over: bounded in size, in lines a turn and, of a worker, in lines a second, and
// printed as printable ASCII only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "privd/supervisor/log_rate.h"
#include "privd/supervisor/log_sink.h"

namespace holdfast::supervisor {

class LogReader {
 public:
  using Consumer = std::function<void(const LogRecord&)>;
  // How often a log that says too much is looked at.
  static constexpr Duration kSlow = std::chrono::seconds(1);

  // Without a `rate` every line is passed on. With one, what is too much is counted instead,
  // whatever its severity: for as long as that lasts the socket is read once a second, which holds
  // the writer up and not the supervisor. How many lines were left out is said at the end, and
  // every minute. `broken` is called once, when something came that is not a log line; nothing is
  // read after it.
  LogReader(EventLoop& loop, Channel channel, std::string ident, pid_t pid, Consumer consumer,
            std::function<void()> broken, std::optional<LogRate> rate = std::nullopt);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  [[nodiscard]] Status watch();
  // Reads what a process that is gone has left behind.
  void drain();

 private:
  void readSome(int lines);
  // False when there is nothing more to read.
  [[nodiscard]] bool readOne();
  // False for anything that is not a log line.
  [[nodiscard]] bool consume(const Received& received);
  void pass(const LogRecord& record, std::uint32_t dropped);
  void slowDown();
  void speedUp();
  void reportSuppressed();
  void close();

  EventLoop& loop_;
  Channel channel_;
  std::string ident_;
  pid_t pid_;
  Consumer consumer_;
  std::function<void()> broken_;
  std::optional<LogRate> rate_;
  Timer nextLook_;
  bool isSlow_ = false;
  TimePoint reportedAt_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace holdfast::supervisor
