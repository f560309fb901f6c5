#include "config/copy.h"

#include <optional>

#include "config/masking.h"
#include "config/text.h"

namespace holdfast::config {

std::string copyOf(const Source& source) {
  std::string text;
  std::optional<std::uint32_t> file;
  for (const SourceLine& line : source.lines) {
    if (file != line.file) {
      file = line.file;
      text += "# " + source.files[line.file] + "\n";
    }
    text += maskLine(trimRight(line.text)) + "\n";
  }
  return text;
}

}  // namespace holdfast::config
