// Tables of keywords, and what reads a block by its table. A row is a line of the manual: the
// keyword, what it takes, within which bounds, what holds without it, where it goes, and what it
// means. Adding a keyword is adding a row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "config/model.h"
#include "config/statement.h"

namespace holdfast::config {

enum class Takes : std::uint8_t {
  kFlag,         // nothing: being there is what counts
  kSwitch,       // [on|off|true|false|yes|no], on when bare
  kNumber,       // a whole number within the bounds
  kSeconds,      // seconds with a fraction within the bounds
  kText,         // one word
  kName,         // the same; without it the statement is ignored
  kAddress,      // an IPv4 or IPv6 address
  kScript,       // a command line, in quotes when it has arguments, [user [group]]
  kOther,        // one word or more, read by the row's own function
  kOtherOrBare,  // the same, or nothing
  kList,         // a block of entries, each read by the row's own function
  kNamedBlock,   // a name and a block of keywords
  kBlock,        // a block of keywords
};

struct Bounds {
  double low = 0;
  double high = 0;
};
inline constexpr Bounds kAny{0, 4294967295.0};
inline constexpr Bounds kUpToAMillion{0, 1'000'000};

// What a row's function is given to work with.
class Context {
 public:
  Context(const Source& source, Report& report) : source_(source), report_(report) {}

  [[nodiscard]] const Source& source() const { return source_; }
  [[nodiscard]] bool aborted() const { return aborted_; }
  // Looking for the nearest word takes time: a file full of nonsense is not worth it.
  [[nodiscard]] bool maySuggest() { return suggestions_++ < kMaxSuggestions; }

  void complain(Severity severity, Code code, const Statement& statement, std::size_t word,
                std::string message, std::string hint = {});
  void error(Code code, const Statement& statement, std::size_t word, std::string message,
             std::string hint = {}) {
    complain(Severity::kError, code, statement, word, std::move(message), std::move(hint));
  }
  // A word that has to be there is not: as in keepalived, compiling ends here.
  void missingParameter(const Statement& statement);

  // Values; nullopt after having complained. `expected` is what a hint says is taken.
  [[nodiscard]] std::optional<std::int64_t> number(const Statement& statement, std::size_t word,
                                                   Bounds bounds);
  [[nodiscard]] std::optional<Duration> seconds(const Statement& statement, std::size_t word,
                                                Bounds bounds);
  [[nodiscard]] std::optional<bool> boolean(const Statement& statement, std::size_t word);
  [[nodiscard]] std::optional<IpAddress> address(const Statement& statement, std::size_t word);
  [[nodiscard]] std::optional<Command> command(const Statement& statement);
  // The words `user [group]` from number `from` on.
  [[nodiscard]] UserName userName(const Statement& statement, std::size_t from);

 private:
  const Source& source_;
  Report& report_;
  bool aborted_ = false;
  static constexpr std::size_t kMaxSuggestions = 100;
  std::size_t suggestions_ = 0;
};

template <typename T>
struct Keyword {
  using Function = void (*)(Context&, T&, const Statement&);
  using Target = std::variant<std::optional<bool> T::*, std::optional<std::int64_t> T::*,
                              std::optional<Duration> T::*, std::optional<std::string> T::*,
                              std::optional<IpAddress> T::*, std::optional<Command> T::*, Function>;
  std::string_view name;
  Takes takes;
  Bounds bounds;
  std::string_view otherwise;  // what holds where it is not said
  Target target;
  std::string_view meaning;
};

// What a block's table does not know: an error with a suggestion, or a keyword of keepalived's that
// is not supported yet. `names` are the table's own, for the suggestion.
void unknownKeyword(Context& context, std::string_view path, const Statement& statement,
                    std::span<const std::string_view> names);

// Words and block as `takes` wants them? Complains otherwise.
[[nodiscard]] bool wellFormed(Context& context, const Statement& statement, Takes takes);

// The value of a row that has a member as its target.
template <typename T>
struct ValueReader {
  Context& context;
  T& object;
  const Statement& statement;
  const Keyword<T>& row;

  void operator()(std::optional<bool> T::*member) {
    if (row.takes == Takes::kFlag || statement.parameterCount() == 0) {
      object.*member = true;
    } else if (const auto value = context.boolean(statement, 1)) {
      object.*member = value;
    }
  }
  void operator()(std::optional<std::int64_t> T::*member) {
    if (const auto value = context.number(statement, 1, row.bounds)) {
      object.*member = value;
    }
  }
  void operator()(std::optional<Duration> T::*member) {
    if (const auto value = context.seconds(statement, 1, row.bounds)) {
      object.*member = value;
    }
  }
  void operator()(std::optional<std::string> T::*member) {
    object.*member = std::string(statement.words[1].text);
  }
  void operator()(std::optional<IpAddress> T::*member) {
    if (const auto value = context.address(statement, 1)) {
      object.*member = value;
    }
  }
  void operator()(std::optional<Command> T::*member) {
    if (auto value = context.command(statement)) {
      if (object.*member) {
        context.error(Code::kDuplicate, statement, 1,
                      std::string(statement.keyword()) + " script already specified - ignoring " +
                          value->arguments.front(),
                      "the first one is used");
      } else {
        object.*member = std::move(value);
      }
    }
  }
  void operator()(typename Keyword<T>::Function function) { function(context, object, statement); }
};

// Reads the statements of one block. `path` is the block's own, for unknown keywords.
template <typename T>
void readBlock(Context& context, std::string_view path, std::span<const Keyword<T>> table,
               const Statements& statements, T& object) {
  for (const Statement& statement : statements) {
    if (context.aborted()) {
      return;
    }
    const Keyword<T>* row = nullptr;
    for (const Keyword<T>& candidate : table) {
      row = candidate.name == statement.keyword() ? &candidate : row;
    }
    if (row == nullptr) {
      std::vector<std::string_view> names;
      for (const Keyword<T>& candidate : table) {
        names.push_back(candidate.name);
      }
      unknownKeyword(context, path, statement, names);
    } else if (wellFormed(context, statement, row->takes)) {
      object.said.keywords.insert_or_assign(row->name, &statement);
      std::visit(ValueReader<T>{context, object, statement, *row}, row->target);
    }
  }
}

}  // namespace holdfast::config
