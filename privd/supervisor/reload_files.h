// Files that tell others of a reload.
#pragma once

#include <optional>
#include <string>

#include "ipc/result.h"

namespace holdfast::supervisor {

// reload_file: is there, and empty, while the configuration is being read, so that whoever changes
// it can wait until it has gone.
class ReadingMark {
 public:
  // An Error where the file cannot be made.
  [[nodiscard]] static Result<ReadingMark> make(const std::string& path);
  // One that an earlier process has left.
  static void remove(const std::string& path);
  ~ReadingMark();
  ReadingMark(ReadingMark&& other) noexcept;
  ReadingMark& operator=(ReadingMark&& other) noexcept;

 private:
  explicit ReadingMark(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: there is none
};

// What was wrong with a configuration (the file of reload_check_config). Replaces what is there.
[[nodiscard]] Status writeReport(const std::string& path, const std::string& text);

}  // namespace holdfast::supervisor
