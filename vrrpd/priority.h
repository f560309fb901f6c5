// The effective priority of an instance: its base, and what it tracks (keepalived.conf(5),
// track_script, track_interface).
#pragma once

#include <cstdint>
#include <optional>
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

[[nodiscard]] int contribution(const Weight& weight, Condition condition);
[[nodiscard]] bool isFault(const Weight& weight, Condition condition);

// Owned by its Instance.
class PriorityTally {
 public:
  // The tracked objects are known by their index in `weights`.
  PriorityTally(std::uint8_t base, std::vector<Weight> weights);

  void set(std::size_t tracked, Condition condition) { conditions_[tracked] = condition; }
  [[nodiscard]] const Weight& weight(std::size_t tracked) const { return weights_[tracked]; }
  [[nodiscard]] Condition condition(std::size_t tracked) const { return conditions_[tracked]; }

  // After a crash: this is the priority until every tracked object is known, or until release().
  void holdAt(std::uint8_t priority) { held_ = priority; }
  void release() { held_.reset(); }
  [[nodiscard]] bool isHeld() const { return held_.has_value(); }

  [[nodiscard]] bool allKnown() const;
  // 1 to 254; an owner's is 255 whatever happens.
  [[nodiscard]] std::uint8_t effective() const;

 private:
  std::uint8_t base_;
  std::vector<Weight> weights_;
  std::vector<Condition> conditions_;
  std::optional<std::uint8_t> held_;
};

}  // namespace holdfast::vrrpd
