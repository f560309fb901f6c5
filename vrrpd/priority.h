// The effective priority of an instance: its base, and what it tracks (keepalived.conf(5),
// track_script, track_interface, track_file, track_process).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vrrpd/packet.h"

namespace holdfast::vrrpd {

enum class Condition : std::uint8_t { kUnknown, kGood, kBad };

// A positive weight counts while the tracked object is good, a negative one while it is bad;
// `reverse` turns its sign. Weight 0 never counts: its failure (reversed: its success) is a FAULT.
struct Weight {
  std::int16_t weight = 0;
  bool reverse = false;
};

// What a tracked object does to whoever tracks it.
struct Effect {
  bool isKnown = false;
  bool isFault = false;
  int contribution = 0;  // to the priority
  friend bool operator==(const Effect&, const Effect&) = default;
};

[[nodiscard]] Effect effectOf(const Weight& weight, Condition condition);

// The number in a tracked file counts as often as the weight says; a sum of -254 and less is a
// FAULT. With weight 0 every number but 0 (reversed: 0) is one.
struct FileNumber {
  std::int32_t value = 0;
};

[[nodiscard]] Effect effectOf(const Weight& weight, FileNumber number);

// What an instance or a sync group tracks: a kind, and an id among those of that kind.
enum class TrackedKind : std::uint8_t { kScript, kInterface, kFile, kProcess };

struct Tracked {
  TrackedKind kind = TrackedKind::kScript;
  std::uint32_t object = 0;
  std::string name;
  Weight weight;
};

// Owned by its Instance.
class PriorityTally {
 public:
  // The tracked objects are known by their index, below `tracked`.
  PriorityTally(std::uint8_t base, std::size_t tracked) : base_(base), effects_(tracked) {}

  void set(std::size_t tracked, const Effect& effect) { effects_[tracked] = effect; }
  [[nodiscard]] const Effect& effect(std::size_t tracked) const { return effects_[tracked]; }

  // After a crash: this is the priority until every tracked object is known, or until release().
  void holdAt(std::uint8_t priority) { held_ = priority; }
  void release() { held_.reset(); }
  [[nodiscard]] bool isHeld() const { return held_.has_value(); }

  [[nodiscard]] bool allKnown() const;
  // 1 to 254; an owner's is 255 whatever happens.
  [[nodiscard]] std::uint8_t effective() const;

 private:
  std::uint8_t base_;
  std::vector<Effect> effects_;
  std::optional<std::uint8_t> held_;
};

}  // namespace holdfast::vrrpd
