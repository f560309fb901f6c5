// A file's lines, one after the other; a definition of several lines counts as one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::config {

struct FileLine {
  enum class Kind : std::uint8_t {
    kPlain,
    kLongDefinition,  // several lines, each but the last with a backslash at its end
    kTooLong,         // more than kMaxRawLineBytes, or a definition of more than kMaxLineBytes
    kNulByte,
  };
  Kind kind = Kind::kPlain;
  std::uint32_t number = 0;  // of its first line
  std::string_view raw;      // as it stands in the file, without the newline at its end
  // Without comments and escapes, until the next call of next(); a long definition's lines without
  // their backslashes.
  std::string_view text;
};

class LineReader {
 public:
  // Of `content`, which has to outlive what next() gives.
  explicit LineReader(std::string_view content)
      : rest_(content), hasNul_(content.find('\0') != std::string_view::npos) {}

  // False at the end.
  [[nodiscard]] bool next(FileLine& line);

 private:
  std::string_view nextRaw();
  void readLongDefinition(FileLine& line);

  std::string_view rest_;
  bool hasNul_;
  std::uint32_t number_ = 0;  // of the line that was read last
  std::string unescaped_;
  std::string definition_;
};

}  // namespace holdfast::config
