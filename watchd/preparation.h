// What watchd does before it is confined, which it cannot do afterwards.
#pragma once

#include <string>
#include <vector>

#include "ipc/log.h"
#include "ipc/unique_fd.h"
#include "watchd/watch_table.h"

namespace holdfast::watchd {

// init_file: makes the files that are not there, and writes those that are with `overwrite`. A link
// in a file's place, and what is not a plain file, is left alone. Failures are logged.
void initializeFiles(const std::vector<FileEntry>& files, Log& log);

// What it has to be able to read: the directory of each file, and of what a link in its place leads
// to; of a directory that is not there yet the nearest one above it, which the log says, unless
// that is "/"; and /proc where processes count.
[[nodiscard]] std::vector<UniqueFd> directoriesOf(const WatchTable& table, Log& log);

}  // namespace holdfast::watchd
