#include "ipc/event_loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <span>
#include <utility>

namespace holdfast {
namespace {

constexpr std::uint64_t kTimerTag = ~std::uint64_t{0};
constexpr int kEventsInATurn = 64;

timespec toTimespec(TimePoint point) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(point.time_since_epoch());
  timespec result{};
  result.tv_sec = seconds.count();
  result.tv_nsec = (point.time_since_epoch() - seconds).count();
  return result;
}

epoll_event eventFor(int fd, std::uint32_t serial, bool isWatchedForWriting) {
  epoll_event event{};
  event.events = isWatchedForWriting ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = std::uint64_t{serial} << 32 | static_cast<std::uint32_t>(fd);
  return event;
}

}  // namespace

void Timer::arm(TimePoint deadline) {
  disarm();
  if (deadline == kNever) {
    return;
  }
  position_ = loop_->deadlines_.emplace(deadline, this);
  armed_ = true;
}

void Timer::disarm() {
  if (std::exchange(armed_, false)) {
    loop_->deadlines_.erase(position_);
  }
}

Result<EventLoop> EventLoop::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return systemError("epoll_create1");
  }
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer) {
    return systemError("timerfd_create");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kTimerTag;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, timer.get(), &event) != 0) {
    return systemError("epoll_ctl for the timer");
  }
  return EventLoop(std::move(epoll), std::move(timer));
}

TimePoint EventLoop::now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

Status EventLoop::addReader(int fd, Turn turn, std::function<void()> readable,
                            std::function<void()> writable) {
  const bool isWatchedForWriting = writable != nullptr;
  Reader reader{turn, nextSerial_++, std::move(readable), std::move(writable), isWatchedForWriting};
  epoll_event event = eventFor(fd, reader.serial, isWatchedForWriting);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return systemError("epoll_ctl");
  }
  readers_.insert_or_assign(fd, std::move(reader));
  return success();
}

void EventLoop::removeReader(int fd) {
  if (readers_.erase(fd) != 0) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
}

void EventLoop::close(UniqueFd fd) {
  readers_.erase(fd.get());  // epoll forgets what is closed
}

void EventLoop::onceWritable(int fd, std::function<void()> writable) {
  const auto found = readers_.find(fd);
  if (found != readers_.end()) {
    found->second.writable = std::move(writable);
    watchForWriting(fd, found->second, true);
  }
}

void EventLoop::watchForWriting(int fd, Reader& reader, bool isWatched) {
  if (std::exchange(reader.isWatchedForWriting, isWatched) != isWatched) {
    epoll_event event = eventFor(fd, reader.serial, isWatched);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }
}

// Null where a callback of this turn has removed the reader, and the number may be in use again.
EventLoop::Reader* EventLoop::find(int fd, std::uint32_t serial) {
  const auto found = readers_.find(fd);
  return found != readers_.end() && found->second.serial == serial ? &found->second : nullptr;
}

Status EventLoop::run() {
  running_ = true;
  while (running_) {
    if (Status status = turnOnce(); !status) {
      return status;
    }
  }
  return success();
}

Status EventLoop::turnOnce(TimePoint until) {
  if (Status status = armTimer(until); !status) {
    return status;
  }
  std::array<epoll_event, kEventsInATurn> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsInATurn, -1);
  if (count < 0) {
    return errno == EINTR ? success() : Status(systemError("epoll_wait"));
  }
  runTimers();
  const std::span<epoll_event> ready(events.data(), static_cast<std::size_t>(count));
  for (const Turn turn : {Turn::kBroker, Turn::kAdverts, Turn::kRest}) {
    for (const epoll_event& event : ready) {
      if (event.data.u64 == kTimerTag) {
        continue;
      }
      const int fd = static_cast<int>(event.data.u64 & 0xffffffff);
      const auto serial = static_cast<std::uint32_t>(event.data.u64 >> 32);
      const Reader* reader = find(fd, serial);
      if (reader != nullptr && reader->turn == turn) {
        serve(fd, serial, event.events);
      }
    }
  }
  return success();
}

void EventLoop::serve(int fd, std::uint32_t serial, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    serveWritable(fd, serial);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) {
    return;
  }
  if (const Reader* reader = find(fd, serial)) {
    // A copy: the callback may remove its own reader.
    const std::function<void()> readable = reader->readable;
    readable();
  }
}

void EventLoop::serveWritable(int fd, std::uint32_t serial) {
  const std::function<void()> writable = std::exchange(readers_.at(fd).writable, nullptr);
  if (writable) {
    writable();
  }
  // Only now: most have removed the reader, or wait again.
  if (Reader* reader = find(fd, serial); reader != nullptr && !reader->writable) {
    watchForWriting(fd, *reader, false);
  }
}

Status EventLoop::armTimer(TimePoint until) {
  const TimePoint earliest =
      deadlines_.empty() ? until : std::min(until, deadlines_.begin()->first);
  if (earliest == armedFor_) {
    return success();
  }
  itimerspec setting{};
  if (earliest != kNever) {
    // A zero it_value would disarm.
    setting.it_value = toTimespec(std::max(earliest, TimePoint(Duration(1))));
  }
  if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr) != 0) {
    return systemError("timerfd_settime");
  }
  armedFor_ = earliest;
  return success();
}

void EventLoop::runTimers() {
  const TimePoint present = now();
  if (armedFor_ && *armedFor_ <= present) {
    armedFor_.reset();  // armTimer() sets it before the next wait
  }
  // As many as have expired by now: a timer that arms itself for "at once" cannot hold the turn up.
  auto expired = std::distance(deadlines_.begin(), deadlines_.upper_bound(present));
  for (; expired > 0 && !deadlines_.empty() && deadlines_.begin()->first <= present; --expired) {
    const auto [deadline, timer] = *deadlines_.begin();
    timer->disarm();
    // A copy: the callback may destroy its own timer.
    const Timer::Callback callback = timer->expired_;
    callback(present, present - deadline);
  }
}

}  // namespace holdfast
