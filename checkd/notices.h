// What the notify FIFOs are told of virtual and real servers: one line for each event, in
// keepalived's words.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkd/memory.h"
#include "ipc/notify_fifo.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::checkd {

// Owned by the Daemon. A subject is a virtual server or a real server in one.
class Notices {
 public:
  Notices(EventLoop& loop, Log& log, Memory& memory) : loop_(loop), log_(log), memory_(memory) {}

  // `name` is what its lines begin with: "VS [10.0.0.1]:tcp:80". Its number counts from 0.
  void add(std::string name, std::optional<bool> told);
  // After every add().
  void adopt(schema::ControlRequest::Fifo fifo, UniqueFd end);
  void tell(std::size_t subject, bool isUp);

 private:
  struct Subject {
    std::string name;
    std::optional<bool> isUp;  // as it was told last, also before this process began
  };
  [[nodiscard]] std::string stateLine(std::size_t subject) const;

  EventLoop& loop_;
  Log& log_;
  Memory& memory_;
  std::vector<Subject> subjects_;
  std::vector<std::unique_ptr<NotifyFifo>> fifos_;
};

}  // namespace holdfast::checkd
