// Names that become numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

// Numbered in the order in which they come, from 0. A table with open addressing: there may be
// hundreds of thousands, each of which is looked for many times.
class Names {
 public:
  // The index of `name`, which is added where it is new.
  std::uint32_t add(std::string_view name);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // index in names_ + 1; 0: it is free
  };
  [[nodiscard]] static std::uint32_t hashOf(std::string_view name);
  [[nodiscard]] std::size_t slotOf(std::string_view name, std::uint32_t hash) const;
  void grow();

  std::vector<std::string> names_;
  mutable std::uint32_t found_ = 0;  // last: many lines in a row name the same one
  std::vector<Slot> slots_;          // a power of two of them, at most half full; or none
};

}  // namespace holdfast::config
