#include "config/format/format.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "config/format/pieces.h"
#include "config/line_reader.h"
#include "config/source.h"
#include "config/statement.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kIndent = 4;
constexpr int kMaxDepth = kMaxBlockDepth;
// Comments behind lines that follow each other begin in one column, unless a line is longer.
constexpr std::size_t kMaxAlignedWidth = 60;
constexpr std::string_view kGap = "  ";
// A statement and its comment with more than this stand on lines of their own.
constexpr std::size_t kMaxSharedBytes = kMaxRawLineBytes - kIndent * kMaxDepth - kMaxAlignedWidth;

struct OutputLine {
  enum class Kind : std::uint8_t {
    kBlank,
    kComment,
    kStatement,    // plain: see Pieces
    kOther,        // a line with a condition, a parameter, a directive
    kUntouchable,  // not even its indentation
  };
  Kind kind = Kind::kBlank;
  std::uint8_t depth = 0;
  std::string code;
  std::string_view comment;

  [[nodiscard]] std::size_t indentation() const { return kIndent * depth; }
  [[nodiscard]] std::size_t width() const { return indentation() + code.size(); }
};

class Formatter {
 public:
  Result<std::string> run(std::string_view text) {
    LineReader lines(text);
    FileLine line;
    while (lines.next(line)) {
      take(line);
      if (bytes_ > kMaxFileBytes) {
        return Error{"the file would be larger than " + std::to_string(kMaxFileBytes) + " bytes"};
      }
    }
    endConditions();
    return write();
  }

 private:
  using Kind = OutputLine::Kind;

  void take(const FileLine& line) {
    if (line.kind != FileLine::Kind::kPlain) {
      takeUntouchable(line);
      return;
    }
    Pieces pieces = takeApart(line.raw);
    if (pieces.lines.empty()) {
      takeComment(pieces.comment);
      return;
    }
    if (pieces.condition.empty()) {
      endConditions();
    }
    if (pieces.plain && pieces.lines.front() == "{" && joinToLineBefore(pieces)) {
      pieces.lines.erase(pieces.lines.begin());
    }
    for (std::string& piece : pieces.lines) {
      takePiece(std::move(piece), pieces);
      pieces.comment = {};  // stays with the first
    }
  }

  void takeUntouchable(const FileLine& line) {
    if (line.kind == FileLine::Kind::kLongDefinition) {
      std::string_view rest = line.raw;
      for (;;) {
        const std::size_t end = rest.find('\n');
        add({Kind::kUntouchable, 0, std::string(trimRight(rest.substr(0, end))), {}});
        if (end == std::string_view::npos) {
          return;
        }
        rest.remove_prefix(end + 1);
      }
    }
    add({Kind::kUntouchable, 0, std::string(line.raw), {}});
  }

  void takeComment(std::string_view comment) {
    if (!comment.empty()) {
      add({Kind::kComment, depth(), {}, comment});
    } else if (!lines_.empty() && lines_.back().kind != Kind::kBlank &&
               !opensBlock(lines_.back())) {
      add({Kind::kBlank, 0, {}, {}});
    }
  }

  void takePiece(std::string piece, const Pieces& pieces) {
    const Nesting nesting = nestingOf(piece);
    if (piece.starts_with('}')) {
      dropBlanks();
    }
    int own = 0;
    int& change = pieces.condition.empty() ? own : conditions_[std::string(pieces.condition)];
    std::string_view comment = pieces.comment;
    if (piece.size() + comment.size() > kMaxSharedBytes && !comment.empty()) {
      add({Kind::kComment, depth(), {}, std::exchange(comment, {})});
    }
    add({pieces.plain ? Kind::kStatement : Kind::kOther, depth(change - nesting.closedFirst),
         std::move(piece), comment});
    change += nesting.change;
    depth_ = std::max(0, depth_ + own);
  }

  // Lines with different conditions that follow each other are alternatives: what one of them opens
  // the others open too.
  void endConditions() {
    int change = 0;
    for (const auto& [condition, one] : conditions_) {
      change = std::abs(one) > std::abs(change) ? one : change;
    }
    conditions_.clear();
    depth_ = std::max(0, depth_ + change);
  }

  // A brace at the start of a line belongs to the statement before it.
  bool joinToLineBefore(Pieces& pieces) {
    std::size_t last = lines_.size();
    while (last > 0 && lines_[last - 1].kind == Kind::kBlank) {
      --last;
    }
    if (last == 0 || lines_[last - 1].kind != Kind::kStatement) {
      return false;
    }
    OutputLine& before = lines_[last - 1];
    const std::string joined = before.code + " {";
    const std::size_t shared = joined.size() + before.comment.size() + pieces.comment.size();
    if (before.code.ends_with('{') || before.code == "}" || isDirective(joined) ||
        (!before.comment.empty() && !pieces.comment.empty()) || shared > kMaxSharedBytes) {
      return false;
    }
    lines_.resize(last);
    before.code = joined;
    before.comment = pieces.comment.empty() ? before.comment : pieces.comment;
    pieces.comment = {};
    ++depth_;
    return true;
  }

  void dropBlanks() {
    while (!lines_.empty() && lines_.back().kind == Kind::kBlank) {
      lines_.pop_back();
    }
  }

  static bool opensBlock(const OutputLine& line) {
    return line.kind == Kind::kStatement && line.code.ends_with('{');
  }

  [[nodiscard]] std::uint8_t depth(int change = 0) const {
    return static_cast<std::uint8_t>(std::clamp(depth_ + change, 0, kMaxDepth));
  }

  void add(OutputLine line) {
    bytes_ += line.width() + line.comment.size() + 1;
    lines_.push_back(std::move(line));
  }

  Result<std::string> write() {
    dropBlanks();
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const bool follows = i > 0 && hasTrailingComment(lines_[i - 1]);
      column = follows && hasTrailingComment(lines_[i]) ? column : columnOfComments(i);
      writeLine(out, lines_[i], column);
    }
    if (out.size() > kMaxFileBytes) {
      return Error{"the file would be larger than " + std::to_string(kMaxFileBytes) + " bytes"};
    }
    return out;
  }

  static bool hasTrailingComment(const OutputLine& line) {
    return !line.code.empty() && !line.comment.empty();
  }

  // Of the lines with a comment behind them from number `first` on.
  [[nodiscard]] std::size_t columnOfComments(std::size_t first) const {
    std::size_t column = 0;
    for (std::size_t i = first; i < lines_.size() && hasTrailingComment(lines_[i]); ++i) {
      if (lines_[i].width() <= kMaxAlignedWidth) {
        column = std::max(column, lines_[i].width() + kGap.size());
      }
    }
    return column;
  }

  static void writeLine(std::string& out, const OutputLine& line, std::size_t column) {
    // No line becomes longer than the reader takes.
    const std::size_t bytes = line.code.size() + line.comment.size();
    out.append(bytes == 0 || bytes > kMaxSharedBytes ? 0 : line.indentation(), ' ');
    out += line.code;
    if (hasTrailingComment(line)) {
      out.append(std::max(column, line.width() + kGap.size()) - line.width(), ' ');
    }
    out.append(line.comment).append("\n");
  }

  std::vector<OutputLine> lines_;
  std::size_t bytes_ = 0;
  int depth_ = 0;
  std::map<std::string, int> conditions_;  // how deep the lines with each have led since the last
                                           // line without one
};

}  // namespace

Result<std::string> format(std::string_view text) {
  return Formatter().run(text);
}

std::size_t firstDifference(std::string_view before, std::string_view after) {
  if (before == after) {
    return 0;
  }
  const auto [left, right] =
      std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  return 1 + static_cast<std::size_t>(std::count(before.begin(), left, '\n'));
}

}  // namespace holdfast::config
