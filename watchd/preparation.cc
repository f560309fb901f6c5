#include "watchd/preparation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <set>

#include "watchd/paths.h"

namespace holdfast::watchd {
namespace {

constexpr mode_t kMode = 0644;

Status initialize(const FileEntry& file) {
  const int make = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  UniqueFd fd(::open(file.path.c_str(), make, kMode));
  const bool isNew = fd.valid();
  if (!isNew && errno == EEXIST) {
    if (!file.overwrite) {
      return success();
    }
    fd = UniqueFd(::open(file.path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  }
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return systemError("cannot write it");
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{"is not a plain file", EINVAL};
  }
  const std::string text = std::to_string(file.initialValue) + "\n";
  if ((isNew && ::fchmod(fd.get(), kMode) != 0) || ::ftruncate(fd.get(), 0) != 0 ||
      ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return systemError("cannot write it");
  }
  return success();
}

// Of a link too: what is written into the file that it leads to counts.
std::string targetOf(const std::string& path) {
  char resolved[PATH_MAX];
  return ::realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

}  // namespace

void initializeFiles(const std::vector<FileEntry>& files, Log& log) {
  for (const FileEntry& file : files) {
    if (!file.create) {
      continue;
    }
    if (Status written = initialize(file); !written) {
      log.warning("track file " + file.name + ": init_file of " + file.path + ": " +
                  written.error().message);
    }
  }
}

std::vector<UniqueFd> directoriesOf(const WatchTable& table, Log& log) {
  std::set<std::string> wanted;
  for (const FileEntry& file : table.files) {
    wanted.insert(directoryOf(file.path));
    wanted.insert(directoryOf(targetOf(file.path)));
  }
  if (!table.processes.empty()) {
    wanted.insert("/proc");
  }
  std::vector<UniqueFd> directories;
  for (const std::string& directory : wanted) {
    const std::string existing = nearestExisting(directory);
    if (existing != directory && existing == "/") {
      log.warning(directory + " is not there: a file in it is seen after a reload");
      continue;
    }
    if (existing != directory) {
      log.info(directory + " is not there yet: waiting for it in " + existing);
    }
    UniqueFd fd(::open(existing.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
      log.warning(systemError(existing).message);
      continue;
    }
    directories.push_back(std::move(fd));
  }
  return directories;
}

}  // namespace holdfast::watchd
