#include "vrrpd/notices.h"

#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

using Fifo = schema::ControlRequest::Fifo;

const char* wordOf(NotifyEvent event) {
  switch (event) {
    case NotifyEvent::kMaster:
      return "MASTER";
    case NotifyEvent::kBackup:
      return "BACKUP";
    case NotifyEvent::kFault:
      return "FAULT";
    case NotifyEvent::kStop:
      return "STOP";
    case NotifyEvent::kMasterReceivedLowerPriority:
      return "MASTER_RX_LOWER_PRI";
    case NotifyEvent::kMasterPriority:
      return "MASTER_PRIORITY";
    case NotifyEvent::kBackupPriority:
      return "BACKUP_PRIORITY";
  }
  return "";
}

std::string lineOf(const Notices::Subject& subject, const Notify& event) {
  return concat(subject.isGroup ? "GROUP \"" : "INSTANCE \"", subject.name, "\" ",
                wordOf(event.event), " ", event.priority, "\n");
}

}  // namespace

void Notices::configure(std::vector<Subject> subjects, bool statesOnReload) {
  for (Subject& subject : subjects) {
    known_.push_back({std::move(subject), std::nullopt});
  }
  statesOnReload_ = statesOnReload;
}

void Notices::adopt(Fifo fifo, bool reloaded, UniqueFd end) {
  isReloaded_ = reloaded;
  const char* keyword = fifo == Fifo::ALL ? "notify_fifo" : "vrrp_notify_fifo";
  auto adopted = std::make_unique<NotifyFifo>(
      loop_, log_, keyword, std::move(end), known_.size(), lastWords_.owesStates(fifo),
      NotifyFifo::Handlers{
          .stateLine = [this](std::size_t subject) { return stateLine(subject); },
          .owes = [this, fifo](bool owes) { lastWords_.setOwesStates(fifo, owes); }});
  if (Status watched = adopted->watch(); !watched) {
    log_.error(concat(keyword, ": ", watched.error().message));
    return;
  }
  fifos_.push_back(std::move(adopted));
}

void Notices::tell(std::size_t subject, const Notify& event) {
  Known& known = known_[subject];
  const bool isFirst = !known.state;
  if (isState(event.event)) {
    known.state = event;
  } else if (known.state) {
    known.state->priority = event.priority;
  }
  const bool isKnown = event.isRepeated && !(isReloaded_ && statesOnReload_ && isFirst);
  for (const auto& fifo : fifos_) {
    if (!isKnown || fifo->owes(subject)) {
      fifo->write(subject, lineOf(known.subject, event));
    }
  }
}

std::string Notices::stateLine(std::size_t subject) const {
  const Known& known = known_[subject];
  return known.state ? lineOf(known.subject, *known.state) : std::string();
}

}  // namespace holdfast::vrrpd
