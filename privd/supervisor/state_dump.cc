#include "privd/supervisor/state_dump.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>
#include <utility>

#include "ipc/shared_memory.h"
#include "privd/supervisor/state_file.h"

namespace holdfast::supervisor {

std::optional<StateDump::What> StateDump::askedBy(int signal) {
  const std::pair<int, What> kAsked[] = {{SIGUSR1, What::kData},
                                         {SIGUSR2, What::kStatistics},
                                         {SIGRTMAX - 1, What::kStatisticsAndClear},
                                         {SIGRTMIN + 2, What::kJson}};
  const auto* const found = std::ranges::find(kAsked, signal, &std::pair<int, What>::first);
  return found == std::end(kAsked) ? std::nullopt : std::optional(found->second);
}

void StateDump::ask(What what, Worker& vrrpd, std::size_t room) {
  room_ = room;
  if (memory_) {
    waiting_.insert(what);
    return;
  }
  begin(what, vrrpd);
}

void StateDump::begin(What what, Worker& vrrpd) {
  auto memory = createSharedMemory("state", room_);
  if (!memory) {
    log_.own(kError, memory.error().message);
    return;
  }
  memory_ = std::move(memory).value();
  what_ = what;
  vrrpd.dump(static_cast<std::uint32_t>(what), memory_.get());
}

bool StateDump::answered(Worker& vrrpd, std::uint32_t error, std::uint32_t bytes,
                         const PlaceOf& placeOf) {
  const UniqueFd memory = std::move(memory_);
  if (bytes > room_) {
    return false;
  }
  const Place place = placeOf(what_);
  const Status written = error == 0 ? publish(place.path, place.mode, memory.get(), bytes)
                                    : Status(Error{vrrpd.spec().name + " cannot say it: " +
                                                   ::strerror(static_cast<int>(error))});
  if (!written) {
    log_.own(kError, "state asked for by a signal: " + written.error().message);
  }
  if (!waiting_.empty()) {
    begin(waiting_.extract(waiting_.begin()).value(), vrrpd);
  }
  return true;
}

void StateDump::abandon() {
  waiting_.clear();
  if (memory_) {
    memory_.reset();
    log_.own(kWarning, "state asked for by a signal: it is not written, VRRP was replaced");
  }
}

}  // namespace holdfast::supervisor
