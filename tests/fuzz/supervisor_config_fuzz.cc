// What a hostile confd hands to the supervisor: it is read, or refused without an exception.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ipc/kj_edge.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/plan.h"

using namespace holdfast;

namespace {

// Sealed as confd's messages are; a size that is not one of words is cut off.
UniqueFd sealed(const std::uint8_t* data, std::size_t size) {
  UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  size -= size % 8;
  if (::write(fd.get(), data, size) != static_cast<ssize_t>(size) ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) !=
          0) {
    std::abort();
  }
  return fd;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const QuietKjExceptions quiet;
  const UniqueFd fd = sealed(data, size);
  const auto plan = supervisor::readPlan(fd.get());
  if (plan && plan->identities.size() > supervisor::kMaxIdentities) {
    std::abort();
  }
  return 0;
}
