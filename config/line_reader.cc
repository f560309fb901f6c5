#include "config/line_reader.h"

#include <algorithm>

#include "config/source.h"
#include "config/source_line.h"
#include "config/text.h"

namespace holdfast::config {

std::string_view LineReader::nextRaw() {
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  const std::string_view raw = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++number_;
  return raw;
}

bool LineReader::next(FileLine& line) {
  if (rest_.empty()) {
    return false;
  }
  line.raw = nextRaw();
  line.number = number_;
  line.text = {};
  if (line.raw.size() > kMaxRawLineBytes) {
    line.kind = FileLine::Kind::kTooLong;
  } else if (hasNul_ && line.raw.find('\0') != std::string_view::npos) {
    line.kind = FileLine::Kind::kNulByte;
  } else {
    line.kind = FileLine::Kind::kPlain;
    line.text = withoutComment(line.raw, unescaped_);
    if (beginsLongDefinition(line.text)) {
      readLongDefinition(line);
    }
  }
  return true;
}

void LineReader::readLongDefinition(FileLine& line) {
  line.kind = FileLine::Kind::kLongDefinition;
  definition_ = line.text;
  bool more = true;
  while (more) {
    if (definition_.ends_with('\\')) {
      definition_.pop_back();
    }
    definition_.resize(trimRight(definition_).size());
    const bool isThere = !rest_.empty();
    const std::string_view raw = nextRaw();
    const std::string_view next = trim(withoutComment(raw, unescaped_));
    definition_ += '\n';
    definition_ += next;
    if (isThere) {
      const char* end = raw.data() + raw.size();
      line.raw = {line.raw.data(), static_cast<std::size_t>(end - line.raw.data())};
    }
    // A backslash behind a comment counts too: so one can comment out a line in the middle.
    more = (next.ends_with('\\') || raw.ends_with('\\')) && definition_.size() <= kMaxLineBytes;
  }
  line.text = definition_;
  if (definition_.size() > kMaxLineBytes) {
    line.kind = FileLine::Kind::kTooLong;
  }
}

}  // namespace holdfast::config
