// Tables of keywords. A row is a line of the manual: the keyword, what it takes and within which
// bounds, what holds where it is not said, where its value goes, and what it means. Adding a
// keyword is adding a row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace holdfast::config {

class Block;
class Context;
class Table;
struct Statement;

// A keyword's name, as code asks a block for its value: hashed when the program is compiled.
class Key {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): block.number("priority") is the point.
  consteval Key(const char* name) : hash_(hashOf(name)) {}
  explicit constexpr Key(std::string_view name) : hash_(hashOf(name)) {}
  [[nodiscard]] constexpr std::uint32_t hash() const { return hash_; }

 private:
  // FNV-1a; a table refuses two names with one hash.
  static constexpr std::uint32_t hashOf(std::string_view name) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name) {
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
    }
    return hash;
  }
  std::uint32_t hash_;
};

// Where a reader stands in a statement.
struct Cursor {
  const Statement& statement;
  std::size_t word = 0;  // the next word to be read

  [[nodiscard]] bool hasWord() const;
  [[nodiscard]] std::string_view peek() const;  // the next word; there has to be one
  std::string_view take();                      // the same, and goes on behind it
};

// One word of a choice, and the number that it means: the ordinal of the schema's enum.
struct Choice {
  std::string_view word;
  std::int64_t value;
};

// What stands behind a keyword.
struct Takes {
  enum class Kind : std::uint8_t {
    kFlag,     // nothing: being there is what counts
    kSwitch,   // [on|off|true|false|yes|no], on when bare
    kNumber,   // a whole number; of `unit`, where that is not 1
    kTime,     // a number of `unit`, with a fraction
    kWord,     // one word
    kName,     // the same; without it the statement is ignored
    kWords,    // the rest of the line
    kAddress,  // an IPv4 or IPv6 address
    kChoice,   // one of `choices`
    kCommand,  // a command line, in quotes when it has arguments, [user [group]]
    kUser,     // user [group]
    kSecret,   // one word that nobody else may see, or where it is: file:PATH, credential:NAME
    kCustom,   // read by `read`
    kList,   // a block of lines, each of which begins as `begin` reads it, with options of `table`
    kNames,  // a block of words, each of which is a block by itself of the name
    kOptions,     // options of `table`, in the same line, up to a word that is none; then `read`
    kBlock,       // a block of keywords of `table`
    kNamedBlock,  // the same, with one word as its name
    kSameAs,      // another name for `other`
  };
  // Reads what stands behind the keyword, and sets what it means in the block.
  using Read = void (*)(Context&, Block&, Cursor&);
  // Reads the first words of a line in a list. False: it was said what is wrong, the line is
  // dropped.
  using Begin = bool (*)(Context&, Block&, Cursor&);

  Kind kind = Kind::kFlag;
  bool bare = false;    // may stand alone
  bool isPart = false;  // never said by itself: another keyword's reader, or a rule, sets it
  double low = 0;       // bounds, in `unit`
  double high = 0;
  std::int64_t unit = 1;  // nanoseconds
  std::span<const Choice> choices = {};
  Read read = nullptr;
  Begin begin = nullptr;  // of a block: reads the words before the brace
  const Table& (*table)() = nullptr;
  bool repeats = false;        // each such block is one of its own
  bool looseName = false;      // what stands behind the name of a named block does not matter
  bool firstWins = false;      // a named block of a known name is no mistake, and no use
  std::string_view noun = {};  // what a named block is called in messages
  std::string_view other = {};
  std::string_view syntax = {};  // for people, where the kind does not say it
  std::string_view absent = {};  // said where its word is missing; else compiling ends there

  [[nodiscard]] constexpr bool isBlock() const {
    return isLine() || kind == Kind::kNames || kind == Kind::kBlock || kind == Kind::kNamedBlock;
  }
  [[nodiscard]] constexpr bool needsWord() const {
    return kind != Kind::kFlag && kind != Kind::kOptions && !bare;
  }
  // What it makes is a line, or part of one, with options.
  [[nodiscard]] constexpr bool isLine() const {
    return kind == Kind::kList || kind == Kind::kOptions;
  }
};

namespace takes {
inline constexpr double kMaxUnsigned = 4294967295.0;
inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kMicrosecond = 1'000;

constexpr Takes flag() {
  return {};
}
constexpr Takes onOff() {
  return {.kind = Takes::Kind::kSwitch, .bare = true};
}
constexpr Takes number(double low = 0, double high = kMaxUnsigned) {
  return {.kind = Takes::Kind::kNumber, .low = low, .high = high};
}
constexpr Takes time(std::int64_t unit, double low, double high) {
  return {.kind = Takes::Kind::kTime, .low = low, .high = high, .unit = unit};
}
constexpr Takes seconds(double low, double high) {
  return time(kSecond, low, high);
}
// Seconds without a fraction.
constexpr Takes wholeSeconds(double low = 0, double high = kMaxUnsigned) {
  return {.kind = Takes::Kind::kNumber, .low = low, .high = high, .unit = kSecond};
}
constexpr Takes word() {
  return {.kind = Takes::Kind::kWord};
}
constexpr Takes name() {
  return {.kind = Takes::Kind::kName, .bare = true};
}
constexpr Takes words() {
  return {.kind = Takes::Kind::kWords};
}
constexpr Takes address() {
  return {.kind = Takes::Kind::kAddress};
}
constexpr Takes oneOf(std::span<const Choice> choices) {
  return {.kind = Takes::Kind::kChoice, .choices = choices};
}
constexpr Takes command() {
  return {.kind = Takes::Kind::kCommand};
}
constexpr Takes user() {
  return {.kind = Takes::Kind::kUser};
}
// Its value is a Secret. The row has to say kSecret too.
constexpr Takes secret() {
  return {.kind = Takes::Kind::kSecret, .syntax = "TEXT|file:PATH|credential:NAME"};
}
// `choices` are words that stand for numbers.
constexpr Takes custom(Takes::Read read, std::string_view syntax,
                       std::span<const Choice> choices = {}) {
  return {.kind = Takes::Kind::kCustom, .choices = choices, .read = read, .syntax = syntax};
}
// The same, where one word of a choice results.
constexpr Takes custom(Takes::Read read, std::span<const Choice> choices) {
  return {.kind = Takes::Kind::kCustom, .choices = choices, .read = read};
}
// What it takes may also be missing.
constexpr Takes orBare(Takes takes) {
  takes.bare = true;
  return takes;
}
// A missing word is an error like others: `message`.
constexpr Takes orElse(Takes takes, std::string_view message) {
  takes.absent = message;
  return takes;
}
constexpr Takes list(const Table& (*table)(), Takes::Begin begin, std::string_view syntax) {
  return {.kind = Takes::Kind::kList, .begin = begin, .table = table, .syntax = syntax};
}
// NAME... in braces. With `noun`, which is what their block is called, they are
// the members of a group, and there may be one such list.
constexpr Takes names(const Table& (*table)(), std::string_view noun = {}) {
  return {.kind = Takes::Kind::kNames, .table = table, .noun = noun, .syntax = "NAME"};
}
// `end` looks at the block that the options have made.
constexpr Takes options(const Table& (*table)(), Takes::Read end, std::string_view syntax) {
  return {.kind = Takes::Kind::kOptions, .read = end, .table = table, .syntax = syntax};
}
constexpr Takes block(const Table& (*table)()) {
  return {.kind = Takes::Kind::kBlock, .table = table};
}
// A block with words of its own before the brace, such as `virtual_server ADDRESS PORT`.
constexpr Takes block(const Table& (*table)(), Takes::Begin begin, std::string_view syntax) {
  return {.kind = Takes::Kind::kBlock, .begin = begin, .table = table, .syntax = syntax};
}
// Several of them are several things, not one with the settings of all.
constexpr Takes blocks(const Table& (*table)()) {
  return {.kind = Takes::Kind::kBlock, .table = table, .repeats = true};
}
constexpr Takes namedBlock(const Table& (*table)(), std::string_view noun) {
  return {.kind = Takes::Kind::kNamedBlock, .table = table, .noun = noun};
}
// The same, but words behind the name mean nothing.
constexpr Takes looseBlock(const Table& (*table)(), std::string_view noun) {
  return {.kind = Takes::Kind::kNamedBlock, .table = table, .looseName = true, .noun = noun};
}
// What is tracked: keepalived ignores words behind the name, and uses the first of several blocks
// of one name.
constexpr Takes trackerBlock(const Table& (*table)(), std::string_view noun) {
  return {.kind = Takes::Kind::kNamedBlock,
          .table = table,
          .looseName = true,
          .firstWins = true,
          .noun = noun};
}
constexpr Takes sameAs(std::string_view other) {
  return {.kind = Takes::Kind::kSameAs, .other = other};
}
// For a row that a file cannot say: one of the values of a keyword with several, or what follows
// from others. Its name is of two words: "lvs_method port".
constexpr Takes part(Takes takes) {
  takes.isPart = true;
  return takes;
}
}  // namespace takes

// What holds where a keyword is not said.
struct Otherwise {
  enum class Kind : std::uint8_t {
    kNothing,
    kValue,  // `text`, as if it had been said
    kFrom,   // the value of the keyword `text` of the nearest block around that has it
    kAs,     // the value of the keyword `text` of the same block
    kRule,   // what the resolver says; `text` explains it
  };
  Kind kind = Kind::kNothing;
  std::string_view text;
  // Of kFrom: what holds where nothing around says it either.
  Kind lastKind = Kind::kNothing;
  std::string_view last = {};
  // Those of `text` and `last`, where they are keywords.
  Key key = Key(std::string_view());
  Key lastKey = Key(std::string_view());
};
constexpr Otherwise nothing() {
  return {};
}
constexpr Otherwise value(std::string_view text) {
  return {.kind = Otherwise::Kind::kValue, .text = text};
}
constexpr Otherwise from(std::string_view keyword) {
  return {.kind = Otherwise::Kind::kFrom, .text = keyword, .key = Key(keyword)};
}
constexpr Otherwise as(std::string_view keyword) {
  return {.kind = Otherwise::Kind::kAs, .text = keyword, .key = Key(keyword)};
}
constexpr Otherwise from(std::string_view keyword, Otherwise last) {
  return {Otherwise::Kind::kFrom, keyword, last.kind, last.text, Key(keyword), last.key};
}
constexpr Otherwise rule(std::string_view explanation) {
  return {.kind = Otherwise::Kind::kRule, .text = explanation};
}

// Where a value goes: a setter of the builder of a sealed struct (config/field.h makes them).
struct Field {
  const void* of = nullptr;  // which struct
  void (*set)(void* builder, const Value& value) = nullptr;
};
// Written by the code that seals the block, because other objects are part of it.
inline constexpr char kBySealer = 0;
// No daemon needs it, only the rows that have it as their default: see Otherwise::Kind::kFrom.
inline constexpr char kByHeirs = 0;
// It acts while the configuration is read.
inline constexpr char kByCompiler = 0;
constexpr Field bySealer() {
  return {&kBySealer, nullptr};
}
constexpr Field byHeirs() {
  return {&kByHeirs, nullptr};
}
constexpr Field byCompiler() {
  return {&kByCompiler, nullptr};
}

struct Row {
  std::string_view name;
  Takes takes;
  Otherwise otherwise;
  std::array<Field, 2> fields;
  std::string_view meaning;
  bool notYet = false;  // understood and sealed, but no daemon acts on it
  bool secret = false;  // masked wherever it is shown
};
inline constexpr bool kNotYet = true;
inline constexpr bool kSecret = true;

// How the options of a line are read, and what is said about them; nullptr for what holds
// everywhere.
struct LineRules {
  using Message = std::string (*)(const Block& line, const std::string& word);
  Message unknown = nullptr;       // it is no option of such a line
  Message missing = nullptr;       // it is an option, and its value is missing
  std::string_view bareWord = {};  // the row that reads a word which is no option
  bool missingEnds = false;        // a missing value ends compiling, as outside of lines
  bool unreadableDrops = false;    // a value that cannot be read drops the line,
  bool unknownDrops = false;       // and so does an unknown word
};

// The rows of one kind of block, or of the options in one kind of line. A function static: made
// once, at first use.
class Table {
 public:
  // `path` is as in "vrrp_instance/authentication"; that of options ends in " line".
  Table(std::string_view path, std::span<const Row> rows, LineRules lineRules = {});
  // The rows of several areas, or those that several kinds of block have in common.
  Table(std::string_view path, std::initializer_list<std::span<const Row>> areas,
        LineRules lineRules = {});
  Table(const Table&) = delete;  // rows are known by their addresses
  Table& operator=(const Table&) = delete;

  [[nodiscard]] std::string_view path() const { return path_; }
  [[nodiscard]] std::span<const Row> rows() const { return rows_; }
  [[nodiscard]] const LineRules& lineRules() const { return lineRules_; }
  // Nullptr where there is no such row, or it is a part. Another name is its own row.
  [[nodiscard]] const Row* named(std::string_view name) const;
  [[nodiscard]] const Row* find(Key key) const {
    const Entry* found = entry(key);
    return found == nullptr ? nullptr : found->row;
  }
  // What is asked for with every question to a block, side by side.
  struct Entry {
    std::uint32_t hash = 0;
    // Of the row in a set of rows, where some rows share a bit: what is not in it is not said.
    std::uint32_t bit = 0;
    const Row* row = nullptr;
    const Value* otherwise = nullptr;  // nullptr where it is that of another keyword
  };
  [[nodiscard]] const Entry* entry(Key key) const;
  [[nodiscard]] const Entry& entry(const Row& row) const {
    return *entries_[static_cast<std::size_t>(&row - rows_.data())];
  }
  // A list that is a part: what no row is named after is a line of it. Nullptr for none.
  [[nodiscard]] const Row* lines() const { return lines_; }
  // What holds of a row with from() where nothing around says it.
  [[nodiscard]] const Value& last(const Row& row) const {
    return defaults_[static_cast<std::size_t>(&row - rows_.data())];
  }
  // The row that a kSameAs row stands for, else `row` itself.
  [[nodiscard]] const Row& meant(const Row& row) const;
  // The rows that go into the struct `of`, and how.
  struct Target {
    const Entry* entry = nullptr;
    const Field* field = nullptr;
  };
  [[nodiscard]] const std::vector<Target>& targets(const void* of) const;

 private:
  [[nodiscard]] std::size_t slotOf(std::uint32_t hash) const;
  void index();
  void addTargets();

  std::string_view path_;
  std::vector<Row> joined_;
  std::span<const Row> rows_;
  LineRules lineRules_;
  const Row* lines_ = nullptr;
  std::vector<Entry> slots_;           // by hash: their number is a power of two
  std::vector<const Entry*> entries_;  // by row
  // By row: of a kCustom row it is a switch, a number, an address or a text.
  std::vector<Value> defaults_;
  std::map<const void*, std::vector<Target>> targets_;
};

inline std::size_t Table::slotOf(std::uint32_t hash) const {
  const Entry* slots = slots_.data();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots[slot].row != nullptr && slots[slot].hash != hash) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

inline const Table::Entry* Table::entry(Key key) const {
  const Entry& found = slots_[slotOf(key.hash())];
  return found.row == nullptr ? nullptr : &found;
}

// "0.01", as a time of `unit` nanoseconds; nullopt where it is not a number or beyond all bounds.
[[nodiscard]] std::optional<Duration> parseTime(std::string_view text, std::int64_t unit);

}  // namespace holdfast::config
