#include "scriptd/hook_queue.h"

#include <algorithm>

namespace holdfast::scriptd {
namespace {

bool isAlwaysRun(const HookCall& call) {
  return call.state == HookState::kStop || call.state == HookState::kDeleted ||
         call.state == HookState::kOfServer;
}

}  // namespace

bool HookQueue::add(const HookCall& call, std::vector<HookCall>& dropped) {
  // The channel keeps the order, so another sequence number is an older one; a vrrpd that was
  // started again counts from the beginning.
  std::erase_if(waiting_, [&call, &dropped](const HookCall& other) {
    const bool stale = other.sequence != call.sequence && !isAlwaysRun(other);
    if (stale) {
      dropped.push_back(other);
    }
    return stale;
  });
  if (waiting_.size() >= kMaxWaitingHooks) {
    return false;
  }
  waiting_.push_back(call);
  return true;
}

bool HookQueue::takeNext(TimePoint now) {
  if (!life.idle() || waiting_.empty()) {
    return false;
  }
  running_ = waiting_.front();
  waiting_.pop_front();
  life.begin(now, waiting_.empty() ? kNever : now + kHookPatience);
  return true;
}

void HookQueue::clear(std::vector<HookCall>& dropped) {
  dropped.insert(dropped.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
}

}  // namespace holdfast::scriptd
