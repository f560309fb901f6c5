// How long the workers may take until they work: at the first start, and in a reload.
#include <algorithm>

#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

constexpr int kSeconds = 10;

}  // namespace

void Supervisor::limitStart() {
  startLimit_.arm(EventLoop::now() + std::chrono::seconds(kSeconds));
}

bool Supervisor::everybodyIsReady() const {
  return std::ranges::all_of(
      crew_.all(), [](const auto& worker) { return worker->state() == Worker::State::kReady; });
}

void Supervisor::startTookTooLong() {
  const std::string tooLong = " within " + std::to_string(kSeconds) + " seconds";
  if (next_) {
    next_.reset();
    privd().end("has not answered for the new configuration" + tooLong, "replacing it");
    endReload("the new configuration cannot be used");
    return;
  }
  std::string names;
  for (const auto& worker : crew_.all()) {
    if (worker->state() != Worker::State::kReady) {
      names += (names.empty() ? "" : ", ") + worker->spec().name;
    }
  }
  const std::string late = "not ready" + tooLong + ": " + names;
  if (phase_ == Phase::kStarting) {
    parts_.log.own(kError, late + ". Terminating");
    giveUp(kExitFailure);
  } else if (!rolledBack_) {
    parts_.log.own(kError, late + ". Going back");
    rollBack();
  } else {
    endReload(late);  // the next reload may fare better
  }
}

}  // namespace holdfast::supervisor
