// One notify FIFO, as its writer sees it: lines go out whole or not at all, and never block.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// Owned by Notices. What finds the FIFO full is lost, which is said once; as soon as there is room
// the present state of every subject follows, so that the reader knows again how things are.
class NotifyFifo {
 public:
  struct Handlers {
    // A subject's present state as a line; empty as long as it has none.
    std::function<std::string(std::size_t subject)> stateLine;
    // Whether states have to follow, to be remembered for a process that comes after this one.
    std::function<void(bool owes)> owes;
  };

  // `owes`: the process before this one ended while states had to follow.
  NotifyFifo(EventLoop& loop, Log& log, const char* keyword, UniqueFd end, std::size_t subjects,
             bool owes, Handlers handlers);
  ~NotifyFifo() { detach(); }
  NotifyFifo(const NotifyFifo&) = delete;
  NotifyFifo& operator=(const NotifyFifo&) = delete;

  [[nodiscard]] Status watch();
  // The state of this subject has to follow, whether it changes or not.
  [[nodiscard]] bool owes(std::size_t subject) const { return owed_[subject]; }
  void write(std::size_t subject, std::string_view line);

 private:
  enum class Outcome { kWritten, kFull };

  [[nodiscard]] Outcome put(std::string_view line);
  void settle();
  void overflow();
  void catchUp();
  void detach();

  EventLoop& loop_;
  Log& log_;
  const char* keyword_;
  UniqueFd end_;
  Handlers handlers_;
  std::vector<bool> owed_;  // subjects whose state has to follow
  bool hasToldOwes_;
  bool isBehind_ = false;
  bool isWatched_ = false;
};

}  // namespace holdfast
