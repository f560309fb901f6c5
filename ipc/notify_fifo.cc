#include "ipc/notify_fifo.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "ipc/concat.h"

namespace holdfast {

NotifyFifo::NotifyFifo(EventLoop& loop, Log& log, const char* keyword, UniqueFd end,
                       std::size_t subjects, bool owes, Handlers handlers)
    : loop_(loop),
      log_(log),
      keyword_(keyword),
      end_(std::move(end)),
      handlers_(std::move(handlers)),
      owed_(subjects, owes),
      hasToldOwes_(owes) {}

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
  } else {
    owed_[subject] = false;
    settle();
  }
}

void NotifyFifo::settle() {
  if (hasToldOwes_ && std::ranges::find(owed_, true) == owed_.end()) {
    hasToldOwes_ = false;
    handlers_.owes(false);
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
  hasToldOwes_ = true;
  handlers_.owes(true);
  owed_.assign(owed_.size(), true);
  loop_.onceWritable(end_.get(), [this] { catchUp(); });
}

void NotifyFifo::catchUp() {
  for (std::size_t subject = 0; subject < owed_.size(); ++subject) {
    if (owed_[subject] && put(handlers_.stateLine(subject)) == Outcome::kFull) {
      loop_.onceWritable(end_.get(), [this] { catchUp(); });
      return;
    }
    owed_[subject] = false;
  }
  settle();
  isBehind_ = false;
}

void NotifyFifo::detach() {
  if (std::exchange(isWatched_, false)) {
    loop_.removeReader(end_.get());
  }
  end_.reset();
}

}  // namespace holdfast
