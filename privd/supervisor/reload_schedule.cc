#include "privd/supervisor/reload_schedule.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace holdfast::supervisor {
namespace {

// Not time(2), which may be a tick behind the clock of the timer that has just expired.
std::time_t presentTime() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec;
}

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr std::uint32_t kGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

// The first line, as far as it can be one with a time; nullopt where there is no such file.
std::optional<std::string> firstLine(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  std::array<char, 32> bytes{};
  const ssize_t size = ::read(file.get(), bytes.data(), bytes.size());
  const std::string text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text.substr(0, text.find('\n'));
}

}  // namespace

void ReloadSchedule::watch(const std::string& path, bool repeat) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  repeat_ = repeat;
  if (name.empty()) {
    close();
    return;
  }
  if (directory != directory_ || name != name_ || !events_) {
    close();
    directory_ = directory;
    name_ = name;
    if (Status opened = open(); !opened) {
      say_(opened.error().message);
      close();
      return;
    }
  }
  readFile();
}

Status ReloadSchedule::open() {
  events_ = UniqueFd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  clock_ = UniqueFd(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!events_ || !clock_ ||
      ::inotify_add_watch(events_.get(), directory_.c_str(),
                          kChanges | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0) {
    return systemError("cannot watch " + directory_ + " for a reload_time_file");
  }
  if (Status added = loop_.addReader(events_.get(), Turn::kRest, [this] { readEvents(); });
      !added) {
    return added;
  }
  return loop_.addReader(clock_.get(), Turn::kRest, [this] { clockSays(); });
}

void ReloadSchedule::close() {
  for (UniqueFd* fd : {&events_, &clock_}) {
    if (*fd) {
      loop_.removeReader(fd->get());
      fd->reset();
    }
  }
  scheduled_.reset();
}

void ReloadSchedule::readEvents() {
  alignas(inotify_event) std::array<char, 4096> bytes{};
  const ssize_t size = ::read(events_.get(), bytes.data(), bytes.size());
  bool changed = false;
  bool gone = false;
  for (ssize_t at = 0; at < size;) {
    const auto* event =
        reinterpret_cast<const inotify_event*>(&bytes.at(static_cast<std::size_t>(at)));
    gone = gone || (event->mask & kGone) != 0;
    changed = changed || (event->mask & IN_Q_OVERFLOW) != 0 ||
              (event->len > 0 && name_ == static_cast<const char*>(event->name));
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
  if (gone) {
    schedule(std::nullopt);
    close();
  } else if (changed) {
    readFile();
  }
}

void ReloadSchedule::readFile() {
  const auto line = firstLine(directory_ + name_);
  if (!line) {
    schedule(std::nullopt);
    return;
  }
  auto time = parseReloadTime(*line, presentTime());
  if (!time) {
    say_(time.error().message);
  }
  schedule(time ? std::optional(*time) : std::nullopt);
}

void ReloadSchedule::schedule(std::optional<ReloadTime> time) {
  if (time == scheduled_) {
    return;
  }
  if (!time) {
    say_("Cancelling reload scheduled for " + showTime(scheduled_->at));
  } else if (scheduled_) {
    say_("Reload time updated from " + showTime(scheduled_->at) + " to " + showTime(time->at));
  } else {
    say_("Scheduling reload for " + showTime(time->at));
  }
  scheduled_ = time;
  itimerspec when{};
  when.it_value.tv_sec = time ? time->at : 0;
  ::timerfd_settime(clock_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
}

// The time has come, or the clock has been set.
void ReloadSchedule::clockSays() {
  std::uint64_t expirations = 0;
  const bool wasSet =
      ::read(clock_.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED;
  if (!scheduled_ || (!wasSet && expirations == 0)) {
    return;
  }
  if (wasSet) {
    readFile();
    return;
  }
  const bool again = repeat_ && scheduled_->daily;
  scheduled_.reset();
  if (again) {
    readFile();
  } else if (!repeat_) {
    ::unlink((directory_ + name_).c_str());
  }
  reload_();
}

}  // namespace holdfast::supervisor
