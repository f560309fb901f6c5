// What the compiler has to say about a configuration: where, what, and what was expected instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

// Values for machines; name() gives the spelling of the JSON form.
enum class Code : std::uint8_t {
  kFile,              // the configuration file itself cannot be read
  kInclude,           // an included file that had to be there is not
  kLimit,             // a bound on size, depth or count
  kExpansion,         // @, $ and ~ at the source level
  kQuotes,            // a quotation mark without its partner
  kBraces,            // a brace without its partner
  kUnknownKeyword,    //
  kNotSupported,      // a keyword of keepalived's that this version does not act on
  kMissingParameter,  // compiling ends here
  kInvalidValue,      // not what the keyword takes
  kDuplicate,         //
  kUnknownName,       // a script, an instance, an interface, a user that is not there
  kConflict,          // two settings that cannot both be
  kMissingSetting,    // a setting without which the object cannot be
  kUnused,            //
  kUnknownInterface,  // one of a list; others are of kUnknownName
  kUnreadableSecret,  // a secret that is kept elsewhere cannot be read
  kUnreadableFile,    // another file that belongs to the configuration
  kNotPermitted,      // the site's policy
};
[[nodiscard]] std::string_view name(Code code);

enum class Severity : std::uint8_t {
  kFatal,    // the configuration cannot be used at all
  kError,    // the statement is ignored or changed; the rest is used
  kWarning,  // taken as written, but probably not what was meant
  kNotice,   // for information; a check of the configuration still succeeds
};
[[nodiscard]] std::string_view name(Severity severity);

// Line and column count from 1; line 0 is "no line in particular", column 0 "no column".
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;  // the line that was read, after substitution
};

struct Diagnostic {
  Severity severity = Severity::kError;
  Code code = Code::kInvalidValue;
  Place place;
  std::string message;  // in keepalived's words where it has some
  std::string hint;     // what was expected, or what to do; may be empty
};

// Collects diagnostics. Keeps the first kMaxKept and counts the rest.
class Report {
 public:
  static constexpr std::size_t kMaxKept = 1000;

  void add(Severity severity, Code code, Place place, std::string message, std::string hint = {});

  // Makes every error and warning fatal, and every notice about a keyword without effect.
  void makeStrict();

  [[nodiscard]] const std::vector<Diagnostic>& all() const { return kept_; }
  [[nodiscard]] std::size_t notKept() const { return notKept_; }
  [[nodiscard]] std::uint32_t problems() const { return problems_; }  // errors and warnings
  [[nodiscard]] bool refused() const { return refused_; }             // something was fatal

  // What keepalived's --config-test would exit with: 0 clean, 2 aborted at a missing parameter,
  // 4 the file cannot be read or an interface of a list is not there, 5 any other problem, 6 a
  // required include is missing.
  [[nodiscard]] std::uint32_t exitCode() const { return exitCode_; }

 private:
  std::vector<Diagnostic> kept_;
  std::size_t notKept_ = 0;
  std::uint32_t problems_ = 0;
  std::uint32_t withoutEffect_ = 0;  // notices of kNotSupported
  std::uint32_t exitCode_ = 0;
  bool refused_ = false;
};

// "(Line 4) number '300' outside range [1, 255]"; with `withFile` "(<file>: Line 4) ...".
[[nodiscard]] std::string headline(const Diagnostic& diagnostic, bool withFile);

// The headline, and under it the source line and a caret with the hint.
[[nodiscard]] std::vector<std::string> textLines(const Diagnostic& diagnostic, bool withFile);

// One JSON object on one line.
[[nodiscard]] std::string jsonLine(const Diagnostic& diagnostic);

}  // namespace holdfast::config
