// The loop that every long-lived process runs: epoll, one timerfd on CLOCK_MONOTONIC armed to the
// earliest deadline, and a fixed order of work in each turn. Single-threaded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "ipc/result.h"
#include "ipc/time.h"
#include "ipc/unique_fd.h"

namespace holdfast {

class EventLoop;

// A one-shot deadline. Owned by whoever waits for it; it has to die before its loop does.
class Timer {
 public:
  // `expired` is told the present time, and how long after the deadline it is called.
  using Callback = std::function<void(TimePoint now, Duration lateness)>;

  Timer(EventLoop& loop, Callback expired) : loop_(&loop), expired_(std::move(expired)) {}
  ~Timer() { disarm(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces an earlier deadline. kNever disarms.
  void arm(TimePoint deadline);
  void disarm();
  [[nodiscard]] bool armed() const { return armed_; }

 private:
  friend class EventLoop;
  EventLoop* loop_;
  Callback expired_;
  std::multimap<TimePoint, Timer*>::iterator position_;
  bool armed_ = false;
};

// In which part of a turn a descriptor is served. Expired timers come before all of them.
enum class Turn : std::uint8_t { kBroker, kAdverts, kRest };

class EventLoop {
 public:
  [[nodiscard]] static Result<EventLoop> create();

  // Calls `readable` once in each turn in which `fd` has something to read or is at its end. The
  // callback does a bounded amount of work: what is left over makes the descriptor readable again
  // in the next turn. `fd` is borrowed and has to be removed before it is closed.
  // `writable` is as onceWritable() has it, at the cost of one call less.
  [[nodiscard]] Status addReader(int fd, Turn turn, std::function<void()> readable,
                                 std::function<void()> writable = nullptr);
  void removeReader(int fd);
  // removeReader(), and closes it. Nobody else may hold it open.
  void close(UniqueFd fd);

  // Calls `writable` once, when `fd` (which has a reader) can be written to again.
  void onceWritable(int fd, std::function<void()> writable);

  [[nodiscard]] static TimePoint now();

  // Serves turns until stop() is called. An Error is a failure of epoll or the timer itself.
  [[nodiscard]] Status run();
  void stop() { running_ = false; }
  // One turn; for tests and for run(). Waits at most until `until`.
  [[nodiscard]] Status turnOnce(TimePoint until = kNever);

 private:
  friend class Timer;
  struct Reader {
    Turn turn = Turn::kRest;
    std::uint32_t serial = 0;
    std::function<void()> readable;
    std::function<void()> writable;
    bool isWatchedForWriting = false;
  };

  EventLoop(UniqueFd epoll, UniqueFd timer) : epoll_(std::move(epoll)), timer_(std::move(timer)) {}
  [[nodiscard]] Status armTimer(TimePoint until);
  void runTimers();
  [[nodiscard]] Reader* find(int fd, std::uint32_t serial);
  void serve(int fd, std::uint32_t serial, std::uint32_t events);
  void serveWritable(int fd, std::uint32_t serial);
  void watchForWriting(int fd, Reader& reader, bool isWatched);

  UniqueFd epoll_;
  UniqueFd timer_;
  std::unordered_map<int, Reader> readers_;
  std::multimap<TimePoint, Timer*> deadlines_;
  std::optional<TimePoint> armedFor_ = kNever;  // nothing: it has expired, and is still readable
  std::uint32_t nextSerial_ = 1;
  bool running_ = false;
};

}  // namespace holdfast
