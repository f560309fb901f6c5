// Memory that one process writes and another one reads: a memfd of zeros whose size is sealed, so
// that a mapping of it cannot fault, and nobody can make it grow.
#pragma once

#include <cstddef>
#include <span>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// What is not written takes no memory. `name` is what /proc shows.
[[nodiscard]] Result<UniqueFd> createSharedMemory(const char* name, std::size_t bytes);

// All of such memory, to be written; move-only.
class SharedMapping {
 public:
  // Whatever `fd` is, an Error or a mapping. The descriptor is not needed afterwards.
  [[nodiscard]] static Result<SharedMapping> map(int fd);

  SharedMapping() = default;
  SharedMapping(SharedMapping&& other) noexcept : bytes_(other.bytes_) { other.bytes_ = {}; }
  SharedMapping& operator=(SharedMapping&& other) noexcept;
  ~SharedMapping();

  [[nodiscard]] std::span<char> bytes() const { return bytes_; }
  explicit operator bool() const { return !bytes_.empty(); }

 private:
  explicit SharedMapping(std::span<char> bytes) : bytes_(bytes) {}

  std::span<char> bytes_;
};

}  // namespace holdfast
