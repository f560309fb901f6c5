#include "config/source.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>

#include "config/include.h"
#include "config/line_reader.h"
#include "config/parameters.h"
#include "config/repetition.h"
#include "config/source_line.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

class Reader {
 public:
  Reader(const SourceOptions& options, const Files& files, Report& report)
      : options_(options),
        files_(files),
        report_(report),
        checks_(options.checks),
        parameters_(options.configId, options.environment, options.randomSeed) {}

  Source read(const std::string& file) {
    readFile(file, files_.absolute(file), 0);
    return std::move(source_);
  }

 private:
  void readFile(const std::string& shown, const std::string& path, std::size_t depth);
  void readContent(std::string content);
  void readLines(std::string_view content);
  void expand(std::string_view text, std::size_t depth);
  void substitute(std::string_view text, std::size_t depth);
  void repeat(std::string_view text, std::size_t depth);
  void emit(std::string_view text);
  std::string_view stored(std::string_view text);
  bool directive(std::string_view text);
  void include(const std::string& pattern, const IncludeChecks& extra);
  void complain(Severity severity, Code code, std::string message, std::string_view text,
                std::string hint = {});
  void stop(std::string message);

  const SourceOptions& options_;
  const Files& files_;
  Report& report_;
  Source source_;
  IncludeChecks checks_;
  Parameters parameters_;
  std::string directory_;
  std::string_view content_;  // of this file, where it is kept
  std::size_t contentBytes_ = 0;
  std::uint32_t file_ = 0;
  std::uint32_t line_ = 0;
  std::size_t includeDepth_ = 0;
  std::size_t includes_ = 0;
  std::size_t textBytes_ = 0;
  std::size_t expandedBytes_ = 0;
  bool stopped_ = false;
};

void Reader::complain(Severity severity, Code code, std::string message, std::string_view text,
                      std::string hint) {
  Place place{source_.files.at(file_), line_, 0, std::string(text)};
  place.column = static_cast<std::uint32_t>(text.size() - trimLeft(text).size() + 1);
  report_.add(severity, code, std::move(place), std::move(message), std::move(hint));
}

void Reader::stop(std::string message) {
  if (!stopped_) {
    stopped_ = true;
    complain(Severity::kFatal, Code::kLimit, std::move(message), {});
  }
}

void Reader::readFile(const std::string& shown, const std::string& path, std::size_t depth) {
  const std::uint32_t outerFile = file_;
  const std::uint32_t outerLine = line_;
  Result<std::string> content = files_.read(path, kMaxFileBytes);
  if (!content && depth > 0) {
    // Our own verdict, not the system's: the file is there, and is too large.
    const bool tooLarge = content.error().code == 0;
    complain(tooLarge || checks_.readable ? Severity::kError : Severity::kNotice,
             tooLarge ? Code::kLimit : Code::kInclude,
             "Unable to open configuration file: " + content.error().message, {});
    return;
  }
  if (!content) {
    report_.add(Severity::kFatal, Code::kFile, Place{shown, 0, 0, {}},
                "Config files missing '" + shown + "'.", content.error().message);
    return;
  }
  if (source_.files.size() >= kMaxFiles) {
    stop("more than " + std::to_string(kMaxFiles) + " configuration files");
    return;
  }
  const std::string outerDirectory = directory_;
  const IncludeChecks outerChecks = checks_;
  file_ = static_cast<std::uint32_t>(source_.files.size());
  line_ = 0;
  includeDepth_ = depth;
  source_.files.push_back(shown);
  directory_ = directoryOf(path);
  parameters_.setDirectory(directory_);
  const std::string_view outerContent = content_;
  readContent(std::move(content).value());
  content_ = outerContent;
  file_ = outerFile;
  line_ = outerLine;
  includeDepth_ = depth == 0 ? 0 : depth - 1;
  directory_ = outerDirectory;
  parameters_.setDirectory(directory_);
  checks_ = outerChecks;
}

// Kept, so that the lines need no copy of their text, unless it is much.
void Reader::readContent(std::string content) {
  contentBytes_ += content.size();
  if (contentBytes_ > kMaxContentBytes) {
    contentBytes_ -= content.size();
    content_ = {};
    readLines(content);
    return;
  }
  source_.contents.push_back(std::make_unique<const std::string>(std::move(content)));
  content_ = *source_.contents.back();
  // As many as there are likely to be: what is not used is no memory yet.
  constexpr std::size_t kShortLine = 16;
  const std::size_t lines = content_.size() / kShortLine + source_.lines.size();
  if (lines > source_.lines.capacity()) {
    source_.lines.reserve(std::max(lines, 2 * source_.lines.capacity()));
  }
  readLines(content_);
}

void Reader::readLines(std::string_view content) {
  LineReader lines(content);
  FileLine line;
  while (!stopped_ && lines.next(line)) {
    line_ = line.number;
    switch (line.kind) {
      case FileLine::Kind::kPlain:
      case FileLine::Kind::kLongDefinition:
        expand(line.text, 0);
        break;
      case FileLine::Kind::kTooLong:
        complain(Severity::kError, Code::kLimit, "line too long - ignoring", {},
                 "a line may have " + std::to_string(kMaxRawLineBytes) +
                     " bytes, a definition of several lines " + std::to_string(kMaxLineBytes));
        break;
      case FileLine::Kind::kNulByte:
        complain(Severity::kError, Code::kLimit, "line with a NUL byte - ignoring", {});
        break;
    }
  }
}

void Reader::expand(std::string_view text, std::size_t depth) {
  constexpr std::size_t kCostOfALine = 64;
  expandedBytes_ += text.size() + kCostOfALine;
  if (depth > kMaxExpansionDepth || expandedBytes_ > options_.maxExpandedBytes) {
    stop("substitution does not come to an end: does a definition use itself?");
  }
  const std::string_view trimmed = trimLeft(text);
  if (stopped_ || trimmed.empty()) {
    return;
  }
  switch (trimmed.front()) {
    case '@':
      if (const auto rest = withoutConditions(text, options_.configId)) {
        expand(*rest, depth + 1);
      }
      return;
    case '$':
      if (const auto definition = parseDefinition(trimmed)) {
        parameters_.define(definition->name, definition->value);
        return;
      }
      break;
    case '~':
      if (isRepetition(trimmed)) {
        repeat(text, depth);
        return;
      }
      break;
    default:
      break;
  }
  if (trimmed.find('$') == std::string_view::npos) {
    emit(text);
  } else {
    substitute(text, depth);
  }
}

void Reader::substitute(std::string_view text, std::size_t depth) {
  std::string substituted;
  if (Status done = parameters_.substitute(text, substituted); !done) {
    complain(Severity::kError, Code::kExpansion, done.error().message, text);
    return;
  }
  if (substituted == text) {
    emit(text);
    return;
  }
  std::string_view rest = substituted;
  for (;;) {
    const std::size_t end = rest.find('\n');
    expand(trimRight(rest.substr(0, end)), depth + 1);
    if (end == std::string_view::npos) {
      return;
    }
    rest.remove_prefix(end + 1);
  }
}

void Reader::repeat(std::string_view text, std::size_t depth) {
  const std::size_t end = endOfRepetition(text);
  std::string specification;
  const Status substituted = parameters_.substitute(text.substr(0, end), specification);
  const Result<Repetition> repetition =
      substituted ? parseRepetition(specification) : substituted.error();
  if (!repetition) {
    complain(Severity::kError, Code::kExpansion,
             "Invalid " + std::string(trim(text).substr(0, 4)) + " specification '" +
                 std::string(trim(text)) + "'",
             text, repetition.error().message);
    return;
  }
  const std::string_view rest = trim(text.substr(end));
  for (const std::vector<std::string>& row : repetition->values) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      parameters_.define(repetition->names[i], row[i]);
    }
    expand(rest, depth + 1);
    if (stopped_) {
      return;
    }
  }
}

void Reader::emit(std::string_view text) {
  textBytes_ += text.size();
  if (source_.lines.size() >= options_.maxLines || textBytes_ > kMaxTextBytes) {
    stop("the configuration is too large: after substitution it may have " +
         std::to_string(options_.maxLines) + " lines and " + std::to_string(kMaxTextBytes) +
         " bytes");
    return;
  }
  if (!directive(text)) {
    source_.lines.push_back({stored(text), file_, line_});
  }
}

std::string_view Reader::stored(std::string_view text) {
  const std::less<> isBefore;
  const bool kept = !isBefore(text.data(), content_.data()) &&
                    isBefore(text.data(), content_.data() + content_.size());
  return kept ? text : source_.arena.copy(text);
}

// The statements that the source level acts on itself. True: it is dealt with.
bool Reader::directive(std::string_view text) {
  const std::string_view line = trim(text);
  if (line.front() != 'i' && line.front() != 'r') {
    return false;
  }
  if (const auto request = parseInclude(text)) {
    include(request->pattern, request->checks);
    return true;
  }
  constexpr std::string_view kIncludeCheck = "include_check";
  constexpr std::string_view kRandomSeed = "random_seed";
  if (line == kIncludeCheck || line.starts_with("include_check ")) {
    if (const auto unknown = applyIncludeCheck(line.substr(kIncludeCheck.size()), checks_)) {
      complain(Severity::kError, Code::kInvalidValue,
               "Unknown include_check type '" + *unknown + "' - ignoring", text,
               "takes readable, match, wildcard_match and brace_match, each with + or - before it");
    }
  } else if (line.starts_with("random_seed ")) {
    const std::string_view word = trim(line.substr(kRandomSeed.size()));
    std::uint32_t seed = 0;
    if (std::from_chars(word.data(), word.data() + word.size(), seed).ec == std::errc{}) {
      parameters_.seed(seed);
    }
  }
  return false;
}

void Reader::include(const std::string& pattern, const IncludeChecks& extra) {
  if (includeDepth_ >= kMaxIncludeDepth || ++includes_ > kMaxFiles) {
    stop(includes_ > kMaxFiles ? "more than " + std::to_string(kMaxFiles) + " include statements"
                               : "include is nested more than " + std::to_string(kMaxIncludeDepth) +
                                     " deep: does a file include itself?");
    return;
  }
  const IncludeChecks checks{checks_.readable || extra.readable, checks_.match || extra.match,
                             checks_.wildcardMatch || extra.wildcardMatch,
                             checks_.braceMatch || extra.braceMatch};
  const std::string full = pattern.front() == '/' || directory_ == "."
                               ? pattern
                               : (directory_ == "/" ? "/" : directory_ + "/") + pattern;
  std::vector<IncludeProblem> problems;
  const std::vector<std::string> paths = findIncluded(full, checks, files_, problems);
  for (IncludeProblem& problem : problems) {
    complain(problem.severity, Code::kInclude, std::move(problem.message), {});
  }
  for (const std::string& path : paths) {
    if (stopped_) {
      return;
    }
    readFile(path, path, includeDepth_ + 1);
  }
}

}  // namespace

Place Source::place(const SourceLine& line, std::uint32_t column) const {
  return Place{files.at(line.file), line.line, column, std::string(line.text)};
}

Source readSource(const std::string& file, const SourceOptions& options, const Files& files,
                  Report& report) {
  return Reader(options, files, report).read(file);
}

}  // namespace holdfast::config
