#include "checkd/notices.h"

#include <utility>

#include "ipc/concat.h"

namespace holdfast::checkd {

using Fifo = schema::ControlRequest::Fifo;

void Notices::add(std::string name, std::optional<bool> told) {
  subjects_.push_back({std::move(name), told});
}

void Notices::adopt(Fifo fifo, UniqueFd end) {
  const char* keyword = fifo == Fifo::ALL ? "notify_fifo" : "lvs_notify_fifo";
  auto adopted = std::make_unique<NotifyFifo>(
      loop_, log_, keyword, std::move(end), subjects_.size(), memory_.owesStates(fifo),
      NotifyFifo::Handlers{.stateLine = [this](std::size_t subject) { return stateLine(subject); },
                           .owes = [this, fifo](bool owes) { memory_.setOwesStates(fifo, owes); }});
  if (Status watched = adopted->watch(); !watched) {
    log_.error(concat(keyword, ": ", watched.error().message));
    return;
  }
  fifos_.push_back(std::move(adopted));
}

void Notices::tell(std::size_t subject, bool isUp) {
  subjects_[subject].isUp = isUp;
  for (const auto& fifo : fifos_) {
    fifo->write(subject, stateLine(subject));
  }
}

std::string Notices::stateLine(std::size_t subject) const {
  const Subject& known = subjects_[subject];
  return known.isUp ? concat(known.name, *known.isUp ? " UP\n" : " DOWN\n") : std::string();
}

}  // namespace holdfast::checkd
