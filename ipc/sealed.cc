#include "ipc/sealed.h"

#include <capnp/serialize.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace holdfast {
namespace {

constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

}  // namespace

Result<UniqueFd> sealMessage(const char* name, capnp::MessageBuilder& message) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) {
    return systemError("memfd_create");
  }
  if (capnp::computeSerializedSizeInWords(message) * sizeof(capnp::word) > kMaxSealedBytes) {
    return Error{"the configuration is too large: its sealed form may have " +
                 std::to_string(kMaxSealedBytes >> 20) + " MiB"};
  }
  const Status written = catchKj("writing a sealed configuration", [&]() -> Status {
    capnp::writeMessageToFd(fd.get(), message);
    return success();
  });
  if (!written) {
    return written.error();
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

kj::ArrayPtr<const capnp::word> SealedMapping::words() const {
  return kj::arrayPtr(static_cast<const capnp::word*>(address_), bytes_ / sizeof(capnp::word));
}

}  // namespace holdfast
