// What Broker writes down for a privd that is started after its crash, and how that one goes on.
#include <algorithm>
#include <chrono>
#include <utility>

#include "privd/broker/broker.h"

namespace holdfast::privd {
namespace {

constexpr Duration kPauseForEach = std::chrono::microseconds(2);

}  // namespace

// Whether vrrpd lives, and since when not, is not known before it says hello.
void Broker::remember(Notebook notebook, TimePoint diedAt) {
  notebook_ = std::move(notebook);
  std::optional<Notes> notes = notebook_->read();
  if (!notes) {
    return;
  }
  goesOn_ = true;
  recalled_ = std::move(*notes);
  settings_.recall(recalled_.settings);
  vrrpdLostAt_ = std::min(recalled_.vrrpdLostAt.value_or(diedAt), diedAt);
  log_.detail("going on from the notes of the privd before");
}

// A master's addresses are held for its vrrpd until it says otherwise, or has been away too long.
void Broker::recall(Generation generation) {
  const std::size_t instances = holdings_.find(generation)->config.instances.size();
  for (const auto& [key, note] : recalled_.entries) {
    if (key.generation != generation || indexOf(key.instance) >= instances) {
      continue;
    }
    notes_[key] = note;
    if (note.state == schema::VrrpState::MASTER) {
      holdings_.hold(key);
    }
  }
  std::erase_if(recalled_.entries,
                [&](const Notes::Entry& entry) { return entry.key.generation == generation; });
}

// At once; but where there are many notes, not more often than leaves time for other work.
TimePoint Broker::writeDown(TimePoint now) {
  if (!notebook_ || isWrittenDown_) {
    return kNever;
  }
  if (now < nextWriting_) {
    return nextWriting_;
  }
  writeNotes();
  nextWriting_ =
      now + kPauseForEach * static_cast<std::int64_t>(notes_.size() + recalled_.entries.size());
  return kNever;
}

void Broker::writeNotes() {
  if (!notebook_) {
    return;
  }
  Notes notes;
  for (const auto& [key, note] : notes_) {
    notes.entries.push_back({key, note});
  }
  // Not loaded yet: a crash now must not forget them.
  notes.entries.insert(notes.entries.end(), recalled_.entries.begin(), recalled_.entries.end());
  notes.settings = settings_.all();
  if (!watching_) {
    notes.vrrpdLostAt = vrrpdLostAt_;
  }
  notebook_->write(notes);
  isWrittenDown_ = true;
}

}  // namespace holdfast::privd
