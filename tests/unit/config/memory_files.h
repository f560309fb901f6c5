// A file system of a few strings.
#pragma once

#include <fnmatch.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "config/files.h"

namespace holdfast::config {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> contents;
  std::vector<std::string> executables;

  [[nodiscard]] std::string absolute(const std::string& path) const override { return path; }
  [[nodiscard]] Kind kind(const std::string& path) const override {
    for (const std::string& executable : executables) {
      if (executable == path) {
        return Kind::kExecutable;
      }
    }
    if (contents.contains(path)) {
      return Kind::kRegular;
    }
    for (const auto& [name, content] : contents) {
      if (name.starts_with(path + "/")) {
        return Kind::kDirectory;
      }
    }
    return Kind::kMissing;
  }
  [[nodiscard]] Result<std::string> read(const std::string& path,
                                         std::size_t maxBytes) const override {
    const auto found = contents.find(path);
    if (found == contents.end()) {
      return Error{path + ": no such file", ENOENT};
    }
    if (found->second.size() > maxBytes) {
      return Error{path + ": more than " + std::to_string(maxBytes) + " bytes"};
    }
    return found->second;
  }
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override {
    std::vector<std::string> found;
    for (const auto& [name, content] : contents) {
      if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0) {
        found.push_back(name);
      }
    }
    return found;
  }
};

}  // namespace holdfast::config
