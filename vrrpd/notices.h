// What the notify FIFOs are told: one line for each event, in keepalived's words.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/notify_fifo.h"
#include "ipc/schemas/messages.capnp.h"
#include "vrrpd/action.h"
#include "vrrpd/last_words.h"

namespace holdfast::vrrpd {

// Owned by the Daemon. Subjects are the instances, and after them the sync groups.
class Notices {
 public:
  struct Subject {
    bool isGroup = false;
    std::string name;
  };

  Notices(EventLoop& loop, Log& log, LastWords& lastWords)
      : loop_(loop), log_(log), lastWords_(lastWords) {}

  // `statesOnReload`: after a reload each state is written, also where it was told before.
  void configure(std::vector<Subject> subjects, bool statesOnReload);
  void adopt(schema::ControlRequest::Fifo fifo, bool reloaded, UniqueFd end);
  void tell(std::size_t subject, const Notify& event);

 private:
  struct Known {
    Subject subject;
    std::optional<Notify> state;  // the last that was told, also before this process began
  };
  [[nodiscard]] std::string stateLine(std::size_t subject) const;

  EventLoop& loop_;
  Log& log_;
  LastWords& lastWords_;
  std::vector<Known> known_;
  std::vector<std::unique_ptr<NotifyFifo>> fifos_;
  bool statesOnReload_ = false;
  bool isReloaded_ = false;
};

}  // namespace holdfast::vrrpd
