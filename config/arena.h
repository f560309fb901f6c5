// Memory for many small values that live and go together: a configuration has millions.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace holdfast::config {

// A row of values that an Arena holds. Like std::span, but smaller, and it checks every index.
template <typename T>
class Series {
 public:
  Series() = default;
  explicit Series(std::span<const T> values)
      : first_(values.data()), size_(static_cast<std::uint32_t>(values.size())) {}

  [[nodiscard]] const T* begin() const { return first_; }
  [[nodiscard]] const T* end() const { return first_ + size_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const T& at(std::size_t index) const {
    if (index >= size_) {
      std::abort();
    }
    return first_[index];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const { return at(index); }
  [[nodiscard]] const T& front() const { return at(0); }
  [[nodiscard]] const T& back() const { return at(size_ - std::size_t{1}); }

 private:
  const T* first_ = nullptr;
  std::uint32_t size_ = 0;
};

// Nothing that it gave moves when it is moved itself.
class Arena {
 public:
  template <typename T>
  [[nodiscard]] Series<T> copy(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (values.empty()) {
      return {};
    }
    T* begin = static_cast<T*>(allocate(values.size_bytes(), alignof(T)));
    std::uninitialized_copy(values.begin(), values.end(), begin);
    return Series<T>(std::span<const T>(begin, values.size()));
  }
  [[nodiscard]] std::string_view copy(std::string_view text) {
    const Series<char> row = copy(std::span<const char>(text.data(), text.size()));
    return {row.begin(), row.size()};
  }

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
    used_ = (used_ + alignment - 1) / alignment * alignment;
    if (used_ + bytes > size_) {
      size_ = std::max(bytes, std::clamp(2 * size_, kFirstChunk, kLargestChunk));
      chunks_.push_back(mapped(size_));
      used_ = 0;
    }
    std::byte* begin = chunks_.back().get() + used_;
    used_ += bytes;
    return begin;
  }

 private:
  static constexpr std::size_t kFirstChunk = std::size_t{16} << 10;
  static constexpr std::size_t kLargestChunk = std::size_t{128} << 10;

  struct Unmap {
    std::size_t bytes = 0;
    void operator()(std::byte* begin) const { ::munmap(begin, bytes); }
  };
  using Chunk = std::unique_ptr<std::byte[], Unmap>;

  // With all of its pages: to ask for them at once takes a fraction of a fault for each.
  [[nodiscard]] static Chunk mapped(std::size_t bytes) {
    void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (begin == MAP_FAILED) {
      throw std::bad_alloc();
    }
    return Chunk(static_cast<std::byte*>(begin), Unmap{bytes});
  }

  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;  // of the last chunk
  std::size_t used_ = 0;  // of it
};

}  // namespace holdfast::config
