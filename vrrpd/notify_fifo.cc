#include "vrrpd/notify_fifo.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "vrrpd/concat.h"

namespace holdfast::vrrpd {

NotifyFifo::NotifyFifo(EventLoop& loop, Log& log, const char* keyword, UniqueFd end,
                       std::size_t subjects, StateLine stateLine)
    : loop_(loop),
      log_(log),
      keyword_(keyword),
      end_(std::move(end)),
      stateLine_(std::move(stateLine)),
      owed_(subjects, false) {}

// There is nothing to read at this end. It becomes "readable" when nobody has the other end open
// any more, not even the supervisor.
Status NotifyFifo::watch() {
  Status watched = loop_.addReader(end_.get(), Turn::kRest, [this] { detach(); });
  isWatched_ = watched.ok();
  return watched;
}

void NotifyFifo::write(std::size_t subject, std::string_view line) {
  if (isBehind_) {
    owed_[subject] = true;
  } else if (put(line) == Outcome::kFull) {
    overflow();
  }
}

// write(2) of a line that is not longer than PIPE_BUF is atomic, and fails whole (pipe(7)).
NotifyFifo::Outcome NotifyFifo::put(std::string_view line) {
  if (!end_ || line.size() > PIPE_BUF) {
    return Outcome::kWritten;
  }
  return ::write(end_.get(), line.data(), line.size()) < 0 && errno == EAGAIN ? Outcome::kFull
                                                                              : Outcome::kWritten;
}

void NotifyFifo::overflow() {
  log_.warning(concat(keyword_,
                      ": the FIFO is full, since nobody reads it: every state follows when there "
                      "is room"));
  isBehind_ = true;
  owed_.assign(owed_.size(), true);
  loop_.onceWritable(end_.get(), [this] { catchUp(); });
}

void NotifyFifo::catchUp() {
  for (std::size_t subject = 0; subject < owed_.size(); ++subject) {
    if (owed_[subject] && put(stateLine_(subject)) == Outcome::kFull) {
      loop_.onceWritable(end_.get(), [this] { catchUp(); });
      return;
    }
    owed_[subject] = false;
  }
  isBehind_ = false;
}

void NotifyFifo::detach() {
  if (std::exchange(isWatched_, false)) {
    loop_.removeReader(end_.get());
  }
  end_.reset();
}

}  // namespace holdfast::vrrpd
