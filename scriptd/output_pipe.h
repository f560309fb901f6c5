// The read end of one run's standard output and error. It is read for as long as somebody holds the
// other end, so that nothing that a script has started blocks or dies of what it prints; what comes
// after the run has ended is thrown away.
#pragma once

#include "ipc/event_loop.h"
#include "ipc/unique_fd.h"
#include "scriptd/output_filter.h"

namespace holdfast::scriptd {

class OutputPipe {
 public:
  // `line` is called for each line of the run.
  OutputPipe(EventLoop& loop, UniqueFd readEnd, OutputFilter::Line line);
  ~OutputPipe();
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;

  [[nodiscard]] Status watch();
  // The run is over: what is in the pipe is read and logged. True when somebody still holds the
  // other end; `closed` is then called when nobody does any more, and may destroy the pipe.
  [[nodiscard]] bool finish(std::function<void()> closed);

 private:
  enum class Read { kSome, kNothing, kEnd };
  [[nodiscard]] Read readOnce();
  void readable();

  EventLoop& loop_;
  UniqueFd fd_;
  OutputFilter filter_;
  OutputFilter::Line line_;
  std::function<void()> closed_;
  bool finished_ = false;
  bool atEnd_ = false;
};

}  // namespace holdfast::scriptd
