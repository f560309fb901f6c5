// What a peer is still to be told. Nobody waits for a peer: what does not fit into its socket is
// kept here, one event for each subject, the latest replacing what it makes out of date. So the
// queue is bounded by the configuration, and a peer that reads again learns how things are.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <utility>

#include "ipc/channel.h"

namespace holdfast::privd {

template <typename Event, typename Subject>
class LatestQueue {
 public:
  // Sends one event now. For an event with a descriptor it is made here, so that none is held for a
  // peer that does not read.
  using Transmit = std::function<SendOutcome(const Event& event)>;

  explicit LatestQueue(Transmit transmit) : transmit_(std::move(transmit)) {}

  // True where it has to wait.
  bool post(const Event& event, const Subject& subject) {
    if (waiting_.empty() && transmit_(event) != SendOutcome::kFull) {
      return false;
    }
    forget(subject);
    bySubject_.emplace(subject, waiting_.insert(waiting_.end(), {event, subject}));
    return true;
  }
  void forget(const Subject& subject) {
    const auto found = bySubject_.find(subject);
    if (found != bySubject_.end()) {
      waiting_.erase(found->second);
      bySubject_.erase(found);
    }
  }
  // Sends what is waiting. False when the socket is full (again): to be called when it is writable.
  bool flush() {
    while (!waiting_.empty()) {
      if (transmit_(waiting_.front().first) == SendOutcome::kFull) {
        return false;
      }
      forget(Subject(waiting_.front().second));
    }
    return true;
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  void clear() {
    waiting_.clear();
    bySubject_.clear();
  }

 private:
  using Waiting = std::list<std::pair<Event, Subject>>;

  Transmit transmit_;
  Waiting waiting_;
  std::map<Subject, typename Waiting::iterator> bySubject_;
};

}  // namespace holdfast::privd
