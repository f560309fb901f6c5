#include "ipc/notebook.h"

#include "ipc/shared_memory.h"

namespace holdfast {

Result<UniqueFd> createNotebook() {
  return createSharedMemory("privd-notes", kNotebookBytes);
}

Result<UniqueFd> createVrrpdNotebook() {
  return createSharedMemory("vrrpd-notes", kVrrpdNotebookBytes);
}

Result<UniqueFd> createCheckdNotebook() {
  return createSharedMemory("checkd-notes", kCheckdNotebookBytes);
}

}  // namespace holdfast
