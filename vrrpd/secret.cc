#include "vrrpd/secret.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace holdfast::vrrpd {
namespace {

constexpr std::size_t kPageBytes = 4096;
static_assert(Secret::kMaxBytes <= kPageBytes);

}  // namespace

std::shared_ptr<const Secret> Secret::keep(std::span<const std::uint8_t> bytes) {
  void* const page =
      ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    throw std::bad_alloc();
  }
  // Before there is anything in it.
  const bool isLocked = ::mlock(page, kPageBytes) == 0;
  ::madvise(page, kPageBytes, MADV_DONTDUMP);
  auto* const key = static_cast<std::uint8_t*>(page);
  const std::size_t size = std::min(bytes.size(), kMaxBytes);
  std::copy_n(bytes.begin(), size, key);
  return std::shared_ptr<const Secret>(new Secret(key, size, isLocked));
}

Secret::~Secret() {
  ::explicit_bzero(page_, size_);
  ::munmap(page_, kPageBytes);
}

}  // namespace holdfast::vrrpd
