// checkScripts() for a supervisor that must not wait: a path can lie on a file system that does not
// answer. A child looks, and has a deadline; nothing but lines for the log depends on it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ipc/event_loop.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class ScriptCheckChild {
 public:
  static constexpr unsigned kSeconds = 10;
  using Line = std::function<void(std::string_view)>;

  // `line` is told what is found.
  ScriptCheckChild(EventLoop& loop, Line line) : loop_(loop), line_(std::move(line)) {}
  ~ScriptCheckChild() { close(); }
  ScriptCheckChild(const ScriptCheckChild&) = delete;
  ScriptCheckChild& operator=(const ScriptCheckChild&) = delete;

  // What an earlier child has not said by now is not heard.
  void start(const Plan& plan);

 private:
  void read();
  void ended();
  void close();

  EventLoop& loop_;
  Line line_;
  UniqueFd pipe_;
  std::string found_;
};

}  // namespace holdfast::supervisor
