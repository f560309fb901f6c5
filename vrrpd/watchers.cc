#include "vrrpd/watchers.h"

#include <algorithm>
#include <utility>

namespace holdfast::vrrpd {

Watchers::Watchers(EventLoop& loop, Log& log, Generation generation,
                   const Configuration& configuration, Handlers handlers)
    : handlers_(std::move(handlers)),
      files_(configuration.files.size()),
      link_(loop, log,
            {.file =
                 [this](TrackFileId file, std::int32_t number) {
                   if (indexOf(file) < files_) {
                     handlers_.file(file, {number});
                   }
                 },
             .processes = [this](TrackProcessId process, std::uint32_t running,
                                 bool byFork) { counted(process, running, byFork); },
             .misbehaved = [this] { handlers_.misbehaved(); }}),
      timer_(loop, [this](TimePoint now, Duration) { expire(now); }) {
  for (const TrackProcessConfig& process : configuration.processes) {
    processes_.emplace_back(process);
  }
  link_.setGeneration(generation);
}

void Watchers::counted(TrackProcessId id, std::uint32_t running, bool byFork) {
  if (indexOf(id) >= processes_.size()) {
    return;
  }
  TrackProcess& process = processes_[indexOf(id)];
  Actions lines;
  const bool hasChanged = process.count(EventLoop::now(), running, byFork, lines);
  handlers_.write(lines);
  if (hasChanged) {
    handlers_.process(id, process.condition());
  }
  armTimer();
}

void Watchers::expire(TimePoint now) {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    Actions lines;
    if (processes_[i].expire(now, lines)) {
      handlers_.write(lines);
      handlers_.process(idAt<TrackProcessId>(i), processes_[i].condition());
    }
  }
  armTimer();
}

void Watchers::armTimer() {
  TimePoint earliest = kNever;
  for (const TrackProcess& process : processes_) {
    earliest = std::min(earliest, process.deadline());
  }
  timer_.arm(earliest);
}

}  // namespace holdfast::vrrpd
