// Requests that wait for a peer to read, in their order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "ipc/peer_channel.h"

namespace holdfast {

// Owned by the link to that peer, as is the channel. `Request` is what the link asks for; `send`
// makes a message of it.
template <typename Request>
class RequestLine {
 public:
  using Send = std::function<SendOutcome(const Request& request)>;

  RequestLine(PeerChannel& channel, Send send) : channel_(channel), send_(std::move(send)) {}

  void post(Request request) {
    waiting_.push_back(std::move(request));
    flush();
  }
  // What waits is out of date.
  void clear() { waiting_.clear(); }
  void dropOldest() { waiting_.pop_front(); }
  // The oldest one that `matches`, if there is one.
  template <typename Matches>
  void dropOldest(Matches matches) {
    const auto oldest = std::ranges::find_if(waiting_, matches);
    if (oldest != waiting_.end()) {
      waiting_.erase(oldest);
    }
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  // Nothing waits for a peer that is there.
  [[nodiscard]] bool isIdle() const { return waiting_.empty() || !channel_.open(); }

  // To be called for a channel that has just been attached.
  void flush() {
    while (channel_.open() && !waiting_.empty()) {
      switch (send_(waiting_.front())) {
        case SendOutcome::kSent:
          waiting_.pop_front();
          break;
        case SendOutcome::kFull:
          channel_.onceWritable([this] { flush(); });
          return;
        case SendOutcome::kClosed:
          return;  // what the peer said last is read, and then its end is noticed
      }
    }
  }

 private:
  PeerChannel& channel_;
  Send send_;
  std::deque<Request> waiting_;
};

}  // namespace holdfast
