// WatchConfig as plain values, validated once at load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/schemas/watch_config.capnp.h"
#include "watchd/process_match.h"

namespace holdfast::watchd {

struct FileEntry {
  std::string name;
  std::string path;  // absolute
  bool create = false;
  bool overwrite = false;
  std::int32_t initialValue = 0;
};

struct WatchTable {
  std::vector<FileEntry> files;
  std::vector<ProcessMatch> processes;
};

// An Error where the message is malformed or holds what the compiler never writes.
[[nodiscard]] Result<WatchTable> readWatchTable(schema::WatchConfig::Reader config);

}  // namespace holdfast::watchd
