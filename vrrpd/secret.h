// A key, for as long as it is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace holdfast::vrrpd {

// Owns a page of memory that is locked, in no core, and wiped at its end. Of vrrpd alone: no other
// process ever has a key of authentication.
class Secret {
 public:
  static constexpr std::size_t kMaxBytes = 64;

  // Keeps the first kMaxBytes of `bytes`. Throws std::bad_alloc where there is no page.
  [[nodiscard]] static std::shared_ptr<const Secret> keep(std::span<const std::uint8_t> bytes);

  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {page_, size_}; }
  // False where the limit of locked memory (RLIMIT_MEMLOCK) is reached.
  [[nodiscard]] bool isLocked() const { return isLocked_; }

 private:
  Secret(std::uint8_t* page, std::size_t size, bool isLocked)
      : page_(page), size_(size), isLocked_(isLocked) {}

  std::uint8_t* page_;
  std::size_t size_;
  bool isLocked_;
};

}  // namespace holdfast::vrrpd
