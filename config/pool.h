// Memory for what a configuration has hundreds of thousands of, all of one size.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "config/arena.h"

namespace holdfast::config {

// Hands out single objects side by side, and those that were given back again. For containers of
// nodes; what is not a node comes from where everything else does.
template <typename T>
class PoolAllocator {
 public:
  using value_type = T;

  PoolAllocator() = default;
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): as the standard has it.
  PoolAllocator(const PoolAllocator<Other>&) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count != 1) {
      return std::allocator<T>().allocate(count);
    }
    Pool& pool = poolOfT();
    if (pool.free == nullptr) {
      return static_cast<T*>(pool.arena.allocate(sizeof(Slot), alignof(Slot)));
    }
    Slot* slot = pool.free;
    pool.free = slot->next;
    return reinterpret_cast<T*>(slot);
  }
  void deallocate(T* object, std::size_t count) {
    if (count != 1) {
      std::allocator<T>().deallocate(object, count);
      return;
    }
    Pool& pool = poolOfT();
    pool.free = new (object) Slot{pool.free};
  }
  bool operator==(const PoolAllocator&) const = default;

 private:
  union Slot {
    Slot* next;
    alignas(T) std::byte object[sizeof(T)];
  };
  struct Pool {
    Arena arena;
    Slot* free = nullptr;
  };
  // Never destroyed, so that it outlives whoever uses it.
  static Pool& poolOfT() {
    static Pool& pool = *new Pool;
    return pool;
  }
};

}  // namespace holdfast::config
