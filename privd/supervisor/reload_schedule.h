// A reload at a time that a file names (reload_time_file). Watches the file, and the wall clock.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ipc/event_loop.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/reload_time.h"

namespace holdfast::supervisor {

class ReloadSchedule {
 public:
  using Say = std::function<void(const std::string& line)>;

  ReloadSchedule(EventLoop& loop, Say say, std::function<void()> reload)
      : loop_(loop), say_(std::move(say)), reload_(std::move(reload)) {}
  ~ReloadSchedule() { close(); }
  ReloadSchedule(const ReloadSchedule&) = delete;
  ReloadSchedule& operator=(const ReloadSchedule&) = delete;

  // From now on this file; none where `path` is empty. Without `repeat` the file is removed when
  // its reload is due, so that a time without a date is not one of every day.
  void watch(const std::string& path, bool repeat);

 private:
  [[nodiscard]] Status open();
  void close();
  void readEvents();
  void readFile();
  void schedule(std::optional<ReloadTime> time);
  void clockSays();

  EventLoop& loop_;
  Say say_;
  std::function<void()> reload_;
  std::string directory_;
  std::string name_;
  bool repeat_ = false;
  UniqueFd events_;  // inotify, of the directory
  UniqueFd clock_;   // timerfd of the wall clock; says too when that is set
  std::optional<ReloadTime> scheduled_;
};

}  // namespace holdfast::supervisor
