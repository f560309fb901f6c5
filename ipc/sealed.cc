#include "ipc/sealed.h"

#include <capnp/serialize.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace holdfast {
namespace {

constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
constexpr std::size_t kTableWords = 1;

// Cap'n Proto can only be told so.
[[noreturn]] void fail(const std::string& message) {
  kj::throwFatalException(kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__,
                                        kj::heapString(message.c_str())));
}

}  // namespace

SealedBuilder::~SealedBuilder() {
  unmap();
}

kj::ArrayPtr<capnp::word> SealedBuilder::allocateSegment(unsigned) {
  if (words_ != nullptr) {
    fail("the configuration is too large: its sealed form may have " +
         std::to_string(kMaxSealedBytes >> 20) + " MiB");
  }
  fd_.reset(::memfd_create(name_, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd_ || ::ftruncate(fd_.get(), kMaxSealedBytes) != 0) {
    fail(systemError("memfd").message);
  }
  void* memory = ::mmap(nullptr, kMaxSealedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (memory == MAP_FAILED) {
    fail(systemError("mmap of a memfd").message);
  }
  words_ = static_cast<capnp::word*>(memory);
  return kj::arrayPtr(words_ + kTableWords, kMaxSealedBytes / sizeof(capnp::word) - kTableWords);
}

Result<UniqueFd> SealedBuilder::seal() {
  const auto segments = getSegmentsForOutput();
  if (segments.size() != 1) {
    return Error{"an empty message cannot be sealed"};
  }
  const std::size_t words = segments[0].size();
  // One segment and its size: https://capnproto.org/encoding.html, "Serialization Over a Stream".
  const std::array<std::uint32_t, 2> table = {0, static_cast<std::uint32_t>(words)};
  std::memcpy(static_cast<void*>(words_), table.data(), sizeof(table));
  unmap();
  if (::ftruncate(fd_.get(), static_cast<off_t>((kTableWords + words) * sizeof(capnp::word))) !=
      0) {
    return systemError("ftruncate of a memfd");
  }
  if (::fcntl(fd_.get(), F_ADD_SEALS, kAllSeals) != 0) {
    return systemError("F_ADD_SEALS");
  }
  return std::move(fd_);
}

void SealedBuilder::unmap() {
  if (words_ != nullptr) {
    ::munmap(words_, kMaxSealedBytes);
    words_ = nullptr;
  }
}

Result<UniqueFd> sealText(const char* name, std::string text) {
  text.resize((text.size() / sizeof(capnp::word) + 1) * sizeof(capnp::word), '\n');
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) {
    return systemError("memfd");
  }
  if (::pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return systemError("write to a memfd");
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, kAllSeals) != 0) {
    return systemError("F_ADD_SEALS");
  }
  return fd;
}

Status checkSealed(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0) {
    return systemError("the configuration is not in a memfd: F_GET_SEALS");
  }
  if ((seals & kAllSeals) != kAllSeals) {
    return Error{"the configuration is not sealed"};
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    return systemError("fstat of the configuration");
  }
  if (status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > kMaxSealedBytes ||
      static_cast<std::size_t>(status.st_size) % sizeof(capnp::word) != 0) {
    return Error{"the configuration has an impossible size"};
  }
  return success();
}

Result<SealedMapping> SealedMapping::map(int fd) {
  if (Status sealed = checkSealed(fd); !sealed) {
    return sealed.error();
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    return systemError("fstat of the configuration");
  }
  const auto bytes = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) {
    return systemError("mmap of the configuration");
  }
  ::madvise(address, bytes, MADV_DONTDUMP);
  return SealedMapping(address, bytes);
}

SealedMapping::SealedMapping(SealedMapping&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

SealedMapping& SealedMapping::operator=(SealedMapping&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SealedMapping::~SealedMapping() {
  if (address_ != nullptr) {
    ::munmap(const_cast<void*>(address_), bytes_);
  }
}

std::string_view SealedMapping::text() const {
  return {static_cast<const char*>(address_), bytes_};
}

kj::ArrayPtr<const capnp::word> SealedMapping::words() const {
  return kj::arrayPtr(static_cast<const capnp::word*>(address_), bytes_ / sizeof(capnp::word));
}

}  // namespace holdfast
