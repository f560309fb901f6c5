// `holdfast config plan OLD NEW`: what a reload from one configuration to the other would do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/block.h"

namespace holdfast::config {

struct Change {
  enum class Kind : std::uint8_t { kAdded, kRemoved, kChanged };
  enum class Effect : std::uint8_t {
    kApplied,     // what runs goes on with the new value
    kStartsAnew,  // the object loses its state: a master gives its addresses up first
    kRestart,     // a reload leaves it as it is: only a restart changes it
  };
  Kind kind = Kind::kChanged;
  Effect effect = Effect::kApplied;
  std::string object;   // "vrrp_instance VI_1 / virtual_ipaddress 10.9.0.9/24"
  std::string keyword;  // empty where the object itself comes or goes
  std::string before;
  std::string after;
};

// Compares the values that hold, wherever they come from, not the texts.
[[nodiscard]] std::vector<Change> compare(const Block& before, const Block& after);

[[nodiscard]] std::string textLine(const Change& change);
[[nodiscard]] std::string jsonLine(const Change& change);

}  // namespace holdfast::config
