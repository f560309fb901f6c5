#include "config/names.h"

#include <functional>

namespace holdfast::config {

std::uint32_t Names::add(std::string_view name) {
  if (2 * (names_.size() + 1) > slots_.size()) {
    grow();
  }
  const std::uint32_t hash = hashOf(name);
  Slot& slot = slots_[slotOf(name, hash)];
  if (slot.number == 0) {
    names_.emplace_back(name);
    slot = {hash, static_cast<std::uint32_t>(names_.size())};
  }
  return slot.number - 1;
}

std::optional<std::uint32_t> Names::find(std::string_view name) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  if (names_[found_] != name) {
    const Slot& slot = slots_[slotOf(name, hashOf(name))];
    if (slot.number == 0) {
      return std::nullopt;
    }
    found_ = slot.number - 1;
  }
  return found_;
}

std::uint32_t Names::hashOf(std::string_view name) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(name));
}

// Where `name` is, or would be put.
std::size_t Names::slotOf(std::string_view name, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].number != 0 &&
         (slots_[at].hash != hash || names_[slots_[at].number - 1] != name)) {
    at = (at + 1) & mask;
  }
  return at;
}

void Names::grow() {
  constexpr std::size_t kFirst = 16;
  std::vector<Slot> slots(slots_.empty() ? kFirst : 2 * slots_.size());
  const std::size_t mask = slots.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.number != 0) {
      std::size_t at = slot.hash & mask;
      while (slots[at].number != 0) {
        at = (at + 1) & mask;
      }
      slots[at] = slot;
    }
  }
  slots_ = std::move(slots);
}

}  // namespace holdfast::config
