// A fuzzer's input as the sealed message of a hostile confd.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "ipc/sealed.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// A size that is not one of words is cut off.
inline UniqueFd sealedInput(const std::uint8_t* data, std::size_t size) {
  UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  size -= size % sizeof(capnp::word);
  if (::write(fd.get(), data, size) != static_cast<ssize_t>(size) ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) !=
          0) {
    std::abort();
  }
  return fd;
}

// Calls `read` with the root of the message if it can be opened at all, as its reader would.
template <typename Root, typename Read>
void readSealedInput(const std::uint8_t* data, std::size_t size, Read&& read) {
  const QuietKjExceptions quiet;
  const UniqueFd fd = sealedInput(data, size);
  const auto config = SealedConfig<Root>::map(fd.get());
  if (config) {
    static_cast<void>(catchKj("sealed configuration", [&]() -> Status {
      read(config->root());
      return success();
    }));
  }
}

}  // namespace holdfast
