#include "watchd/paths.h"

#include <fcntl.h>

#include <algorithm>

#include "ipc/unique_fd.h"

namespace holdfast::watchd {

std::string directoryOf(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

std::string nearestExisting(const std::string& directory) {
  std::string nearest = directory;
  while (nearest != "/" && !UniqueFd(::open(nearest.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))) {
    nearest = directoryOf(nearest);
  }
  return nearest;
}

}  // namespace holdfast::watchd
