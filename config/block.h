// A block of the configuration as data: which keywords it says, what holds for the others, and the
// blocks inside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/table.h"
#include "config/value.h"

namespace holdfast::config {

struct Setting {
  enum class Origin : std::uint8_t {
    kSaid,       // the file says so
    kAssumed,    // the file says nothing, and a rule that looks at other settings decides
    kAdjusted,   // the file says something else that cannot be
    kMalformed,  // the file says something that could not be read: the default holds
  };
  const Row* row = nullptr;
  Value value;
  const Statement* statement = nullptr;  // where the file said it
  Origin origin = Origin::kSaid;
  const std::string* why = nullptr;  // for kAssumed and kAdjusted
};

class Block {
 public:
  // `row` is the keyword that the block stands behind; `outer` the block that defaults come from,
  // nullptr for none. Both, and the statement, outlive the block.
  Block(const Table& table, const Row* row, const Block* outer, const Statement* statement);

  [[nodiscard]] const Table& table() const { return *table_; }
  [[nodiscard]] const Row* row() const { return row_; }
  [[nodiscard]] const Block* outer() const { return outer_; }
  [[nodiscard]] const Statement* statement() const { return statement_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  void setName(std::string name) { name_ = std::move(name); }

  // What the file says, or a rule has set; nullptr where the default holds. A key that the table
  // does not have is a mistake in the program, and ends it.
  [[nodiscard]] const Setting* setting(Key key) const;
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }
  [[nodiscard]] bool isSaid(Key key) const;
  // The file has this keyword, but with a value that could not be read.
  [[nodiscard]] bool isMalformed(Key key) const;
  void setMalformed(const Row& row);
  // The statement that says it, or the block's own: where a message points to.
  [[nodiscard]] const Statement* at(Key key) const;

  // The value that holds: said, inherited or default; nothing where there is none.
  [[nodiscard]] const Value& value(Key key) const;
  [[nodiscard]] const Value& value(const Row& row) const;
  template <typename T>
  [[nodiscard]] const T* find(Key key) const {
    return std::get_if<T>(&value(key));
  }
  // For rows with a default or a rule. flag() is false where nothing holds.
  [[nodiscard]] bool flag(Key key) const;
  [[nodiscard]] std::int64_t number(Key key) const { return get<std::int64_t>(key); }
  [[nodiscard]] Duration time(Key key) const { return get<Duration>(key); }
  [[nodiscard]] const std::string& text(Key key) const { return get<std::string>(key); }
  [[nodiscard]] const IpAddress* address(Key key) const { return find<IpAddress>(key); }
  [[nodiscard]] const Command* command(Key key) const;

  // Replaces what was said before.
  void say(const Row& row, Value value, const Statement* statement);
  void say(Key key, Value value, const Statement* statement);
  // What the file did not say, decided by a rule.
  void assume(Key key, Value value, std::string_view why);
  // What the file says cannot be: this holds instead.
  void adjust(Key key, Value value, std::string_view why);
  void forget(Key key);

  Block& add(const Row& row, std::unique_ptr<Block> child);
  [[nodiscard]] const std::vector<std::unique_ptr<Block>>& blocks() const { return blocks_; }
  // Those behind one keyword that have not been dropped, in the order of the file.
  [[nodiscard]] std::vector<Block*> blocks(Key key) const;
  [[nodiscard]] Block* firstBlock(Key key) const;
  // Leaves this block out for good: its reader, or a rule, has said why.
  void drop() { dropped_ = true; }
  [[nodiscard]] bool isDropped() const { return dropped_; }

 private:
  template <typename T>
  [[nodiscard]] const T& get(Key key) const {
    const T* found = find<T>(key);
    return found == nullptr ? missing<T>(key) : *found;
  }
  template <typename T>
  [[noreturn]] const T& missing(Key) const {
    noSuchValue();
  }
  [[noreturn]] static void noSuchValue();
  [[nodiscard]] const Row& rowOf(Key key) const;
  [[nodiscard]] const Setting* entry(const Row& row) const;
  void set(const Row& row, Setting setting);

  const Table* table_;
  const Row* row_;
  const Block* outer_;
  const Statement* statement_;
  std::string name_;
  bool dropped_ = false;
  std::vector<Setting> settings_;
  std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace holdfast::config
