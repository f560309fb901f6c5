#include "ipc/notebook.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace holdfast {

Result<UniqueFd> createNotebook() {
  UniqueFd fd(::memfd_create("privd-notes", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(kNotebookBytes)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return systemError("memory for the notes of privd");
  }
  return fd;
}

}  // namespace holdfast
