// The numbers in the tracked files, and every change of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "watchd/watch_table.h"

namespace holdfast::watchd {

// Owned by the Daemon. Watches the directory of each file, so that it does not matter whether the
// file is there, is replaced or comes back, and the file itself, which a link can lead out of its
// directory. Of a directory that is not there it watches the nearest one above.
class FileWatcher {
 public:
  using Changed = std::function<void(std::size_t file, std::int32_t number)>;

  // `fd` is of inotify_init1, non-blocking, and owned.
  FileWatcher(EventLoop& loop, Log& log, UniqueFd fd, const std::vector<FileEntry>& files,
              Changed changed);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Tells of every file, and from now on of every change.
  [[nodiscard]] Status start();

 private:
  static constexpr int kNone = -1;
  struct File {
    std::string name;
    std::string path;
    std::optional<std::int32_t> number;
    int errorSaid = 0;
    int watch = kNone;           // of the file itself
    int directoryWatch = kNone;  // of its directory, or the nearest one above it
    bool isDirectoryThere = false;
  };

  void readEvents();
  void serve(std::size_t index, int watch, std::uint32_t what, std::string_view name);
  [[nodiscard]] bool followDirectory(File& file);
  void followFile(File& file);
  void giveUp(int watch);
  void look(std::size_t index);
  [[nodiscard]] std::optional<std::int32_t> read(File& file);
  void complain(File& file, int error);

  EventLoop& loop_;
  Log& log_;
  UniqueFd fd_;
  std::vector<File> files_;
  Changed changed_;
};

}  // namespace holdfast::watchd
