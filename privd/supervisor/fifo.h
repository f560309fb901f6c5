// A notify FIFO of the configuration: who makes it, and who holds it.
//
// The supervisor does, so that nobody who reads a packet can open a file. Both ends stay open for
// as long as the configuration names it: a reader may come and go, and vrrpd be replaced, and no
// line is lost. vrrpd is handed the end to write to, and nothing else.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class Fifo {
 public:
  // Makes it where it is not there, for its owner, and with this mode. One that is there has to be
  // a FIFO of its owner, of root or of this user; it stays as it is. No component of the path may
  // be another user's to replace. Never blocks.
  [[nodiscard]] static Result<Fifo> open(const FifoPlan& plan, mode_t mode);
  // Removes it where it was made here and nobody has replaced it since.
  ~Fifo();
  Fifo(Fifo&& other) noexcept = default;
  Fifo& operator=(Fifo&& other) = delete;

  // The end to write to.
  [[nodiscard]] int writer() const { return writer_.get(); }
  // What has to stay open across the drop of privileges.
  [[nodiscard]] std::vector<int> descriptors() const;
  // Readers find the end of the file once they have read all.
  void close();

 private:
  Fifo() = default;
  [[nodiscard]] Status make(const FifoPlan& plan, mode_t mode);
  [[nodiscard]] Status judge(const FifoPlan& plan);
  [[nodiscard]] Status openEnds();

  UniqueFd directory_;
  std::string name_;
  UniqueFd itself_;  // O_PATH, of what was judged
  UniqueFd keeper_;  // to read and write: there is always a reader
  UniqueFd writer_;
  bool isMade_ = false;
};

}  // namespace holdfast::supervisor
