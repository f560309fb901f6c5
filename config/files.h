// What the compiler asks of a file system; a test or the fuzzer puts something else in its place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ipc/result.h"

namespace holdfast::config {

class Files {
 public:
  enum class Kind {
    kMissing,
    kRegular,
    kExecutable,  // a regular file with an execute bit
    kDirectory,
    kOther,
  };

  virtual ~Files() = default;

  // `path` with what is needed before it to name the same file from anywhere.
  [[nodiscard]] virtual std::string absolute(const std::string& path) const = 0;
  [[nodiscard]] virtual Kind kind(const std::string& path) const = 0;
  // The content; an Error where the file cannot be read or, with no code, has more than `maxBytes`.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path,
                                                 std::size_t maxBytes) const = 0;
  // The existing paths that match a pattern with *, ? and [], sorted. No braces.
  [[nodiscard]] virtual std::vector<std::string> match(const std::string& pattern) const = 0;
};

class RealFiles final : public Files {
 public:
  [[nodiscard]] std::string absolute(const std::string& path) const override;
  [[nodiscard]] Kind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read(const std::string& path,
                                         std::size_t maxBytes) const override;
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override;
};

// The directory part of an absolute path.
[[nodiscard]] std::string directoryOf(const std::string& path);

}  // namespace holdfast::config
