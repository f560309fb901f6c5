// The source level of the language: files, comments, includes, conditions, parameters, sequences.
// What comes out is plain lines, each of which knows where it came from (keepalived.conf(5),
// ADVANCED CONFIGURATION).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/arena.h"
#include "config/diagnostic.h"
#include "config/files.h"

namespace holdfast::config {

// Bounds, so that no configuration can make the compiler run or grow without end.
inline constexpr std::size_t kMaxFileBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxRawLineBytes = 16384;
inline constexpr std::size_t kMaxLineBytes = 65536;  // after substitution
inline constexpr std::size_t kMaxIncludeDepth = 32;
inline constexpr std::size_t kMaxFiles = 10000;  // opened in all
inline constexpr std::size_t kMaxExpansionDepth = 64;
inline constexpr std::size_t kMaxSubstitutionsInLine = 1000;
inline constexpr std::size_t kMaxExpandedBytes = std::size_t{512}
                                                 << 20;  // work, not memory: 64 a line
inline constexpr std::size_t kMaxSubstitutions = 4'000'000;
inline constexpr std::size_t kMaxRepetitions = 100'000;  // of one ~SEQ or ~LST
inline constexpr std::size_t kMaxLines = 2'000'000;
inline constexpr std::size_t kMaxContentBytes = std::size_t{32}
                                                << 20;  // that Source::contents keeps
inline constexpr std::size_t kMaxTextBytes = std::size_t{128} << 20;

struct SourceLine {
  std::string_view
      text;  // after substitution, without comment and trailing space; indented as written
  std::uint32_t file = 0;  // index in Source::files
  std::uint32_t line = 0;
};

struct Source {
  std::vector<std::string> files;  // as they were named; [0] is the main file
  std::vector<SourceLine> lines;
  // What the lines' text is in: files as they were read, or the arena, which also holds what is
  // made of the lines (statement.h).
  std::vector<std::unique_ptr<const std::string>> contents;
  Arena arena;

  // Then what is said about a line names its file.
  [[nodiscard]] bool inSeveralFiles() const { return files.size() > 1; }
  // `column` counts from 1 in the line's text; 0 for the line as a whole.
  [[nodiscard]] Place place(const SourceLine& line, std::uint32_t column) const;
};

// Which included files have to exist (include_check and the letters of includer, m, w, b, a).
struct IncludeChecks {
  bool readable = false;
  bool match = false;
  bool wildcardMatch = false;
  bool braceMatch = false;

  [[nodiscard]] static IncludeChecks all() { return {true, true, true, true}; }
};

struct SourceOptions {
  std::string configId;  // what @id is compared with, and ${_INSTANCE}
  IncludeChecks checks;  // --all-config: all
  std::size_t maxLines = kMaxLines;
  std::size_t maxExpandedBytes = kMaxExpandedBytes;
  std::uint32_t randomSeed = 0;  // of ${_RANDOM}, until a random_seed statement says another
  std::map<std::string, std::string, std::less<>> environment;  // for ${_ENV name}
};

// Reads `file` and all that it includes. Problems go to `report`; a file that cannot be read at
// all is fatal there.
[[nodiscard]] Source readSource(const std::string& file, const SourceOptions& options,
                                const Files& files, Report& report);

}  // namespace holdfast::config
