#include "privd/supervisor/crew.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::supervisor {
namespace {

using Peer = schema::ControlRequest::Peer;

constexpr std::pair<Peer, Peer> kTalkTogether[] = {
    {Peer::VRRPD, Peer::PRIVD},
    {Peer::VRRPD, Peer::SCRIPTD},
    {Peer::VRRPD, Peer::WATCHD},
    {Peer::WATCHD, Peer::PRIVD},  {Peer::CHECKD, Peer::PRIVD}, {Peer::CHECKD, Peer::SCRIPTD},
    {Peer::CHECKD, Peer::WATCHD},
};

// vrrpd first: it sends priority 0, has the addresses removed, and hands its last notifications to
// the scriptds; then checkd, which has its own. They are next, and whoever these listened to. privd is last, and removes whatever
// is still held.
constexpr Peer kOrderOfLeaving[] = {Peer::VRRPD, Peer::CHECKD, Peer::SCRIPTD, Peer::WATCHD,
                                    Peer::PRIVD};

bool talkTogether(Peer one, Peer other) {
  return std::ranges::any_of(kTalkTogether, [one, other](const auto& pair) {
    return pair == std::pair(one, other) || pair == std::pair(other, one);
  });
}

}  // namespace

std::vector<std::unique_ptr<Worker>> Crew::removeAllBut(WorkerId id) {
  const auto others =
      std::stable_partition(workers_.begin(), workers_.end(),
                            [id](const auto& worker) { return worker->spec().id == id; });
  std::vector<std::unique_ptr<Worker>> removed(std::make_move_iterator(others),
                                               std::make_move_iterator(workers_.end()));
  workers_.erase(others, workers_.end());
  return removed;
}

Worker* Crew::find(WorkerId id) const {
  const auto found =
      std::ranges::find_if(workers_, [id](const auto& worker) { return worker->spec().id == id; });
  return found == workers_.end() ? nullptr : found->get();
}

Worker* Crew::withPid(pid_t pid) const {
  const auto found = std::ranges::find_if(
      workers_, [pid](const auto& worker) { return worker->running() && worker->pid() == pid; });
  return found == workers_.end() ? nullptr : found->get();
}

std::vector<Worker*> Crew::nextToLeave() const {
  std::vector<Worker*> together;
  for (const Peer peer : kOrderOfLeaving) {
    for (const auto& worker : workers_) {
      if (worker->spec().id.peer == peer && worker->running()) {
        together.push_back(worker.get());
      }
    }
    if (!together.empty()) {
      break;
    }
  }
  return together;
}

void Crew::join(Worker& worker) {
  for (const auto& other : workers_) {
    if (worker.running() && other->running() &&
        talkTogether(worker.spec().id.peer, other->spec().id.peer)) {
      join(worker, *other);
    }
  }
}

void Crew::join(Worker& one, Worker& other) {
  auto ends = Channel::createPair();
  if (!ends) {
    // Started again, it is joined again.
    one.end("cannot be joined with " + other.spec().name + " (" + ends.error().message + ")");
    return;
  }
  const auto number = static_cast<Generation>(++channelsMade_);
  one.attach(other.spec().id, number, ends->first.get());
  other.attach(one.spec().id, number, ends->second.get());
}

Worker* Crew::partner(const Worker& accuser, WorkerId accused) const {
  return talkTogether(accuser.spec().id.peer, accused.peer) ? find(accused) : nullptr;
}

}  // namespace holdfast::supervisor
