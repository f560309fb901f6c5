// A block of the configuration as data: which keywords it says, what holds for the others, and the
// blocks inside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/pool.h"
#include "config/table.h"
#include "config/value.h"

namespace holdfast::config {

// Why something holds that the file does not say. There are few reasons, and thousands of settings
// that have them: each is kept once.
class Reason {
 public:
  Reason() = default;
  explicit Reason(std::string_view text);
  [[nodiscard]] bool isThere() const { return number_ != 0; }
  [[nodiscard]] const std::string& text() const;  // there has to be one

 private:
  std::uint32_t number_ = 0;
};

struct Setting {
  enum class Origin : std::uint8_t {
    kSaid,       // the file says so
    kAssumed,    // the file says nothing, and a rule that looks at other settings decides
    kAdjusted,   // the file says something else that cannot be
    kMalformed,  // the file says something that could not be read: the default holds
  };
  [[no_unique_address]] Value value;
  Origin origin = Origin::kSaid;
  Reason why;  // for kAssumed and kAdjusted
  const Row* row = nullptr;
  const Statement* statement = nullptr;  // where the file said it
};
static_assert(sizeof(Setting) == 48, "there are millions: without holes");
using Settings = std::forward_list<Setting, PoolAllocator<Setting>>;

class Block {
 public:
  class Each;

  // `row` is the keyword that the block stands behind; `outer` the block that defaults come from,
  // nullptr for none. Both, and the statement, outlive the block.
  Block(const Table& table, const Row* row, const Block* outer, const Statement* statement);
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block();
  static void* operator new(std::size_t) { return PoolAllocator<Block>().allocate(1); }
  static void operator delete(void* block) {
    PoolAllocator<Block>().deallocate(static_cast<Block*>(block), 1);
  }

  [[nodiscard]] const Table& table() const { return *table_; }
  [[nodiscard]] const Row* row() const { return row_; }
  [[nodiscard]] const Block* outer() const { return outer_; }
  [[nodiscard]] const Statement* statement() const { return statement_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  void setName(std::string name) { name_ = std::move(name); }

  // What the file says, or a rule has set; nullptr where the default holds. A key that the table
  // does not have is a mistake in the program, and ends it.
  [[nodiscard]] const Setting* setting(Key key) const;
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] bool isSaid(Key key) const;
  // The file has this keyword, but with a value that could not be read.
  [[nodiscard]] bool isMalformed(Key key) const;
  void setMalformed(const Row& row);
  // The statement that says it, or the block's own: where a message points to.
  [[nodiscard]] const Statement* at(Key key) const;

  // The value that holds: said, inherited or default; nothing where there is none.
  [[nodiscard]] const Value& value(Key key) const { return value(entryOf(key)); }
  [[nodiscard]] const Value& value(const Row& row) const { return value(table_->entry(row)); }
  [[nodiscard]] const Value& value(const Table::Entry& entry) const {
    return entry.otherwise != nullptr && !maySay(entry) ? *entry.otherwise : lookedUp(entry);
  }
  template <typename T>
  [[nodiscard]] const T* find(Key key) const {
    return valueAs<T>(value(key));
  }
  // For rows with a default or a rule. flag() is false where nothing holds.
  [[nodiscard]] bool flag(Key key) const;
  [[nodiscard]] std::int64_t number(Key key) const { return get<std::int64_t>(key); }
  [[nodiscard]] Duration time(Key key) const { return get<Duration>(key); }
  [[nodiscard]] const std::string& text(Key key) const { return get<std::string>(key); }
  [[nodiscard]] const IpAddress* address(Key key) const { return find<IpAddress>(key); }
  [[nodiscard]] const Command* command(Key key) const;

  // Replaces what was said before.
  void say(const Row& row, Value value, const Statement* statement) {
    set(row, std::move(value), statement, Setting::Origin::kSaid, {});
  }
  void say(Key key, Value value, const Statement* statement) {
    say(rowOf(key), std::move(value), statement);
  }
  // What the file did not say, decided by a rule.
  void assume(Key key, Value value, std::string_view why);
  // What the file says cannot be: this holds instead.
  void adjust(Key key, Value value, std::string_view why);
  void forget(Key key);

  Block& add(const Row& row, std::unique_ptr<Block> child);
  // All, also those that have been dropped, in the order of the file.
  [[nodiscard]] std::vector<Block*> blocks() const;
  // Those behind one keyword that have not been dropped, in the order of the file.
  [[nodiscard]] std::vector<Block*> blocks(Key key) const;
  [[nodiscard]] Block* firstBlock(Key key) const;
  // The same as the two above, one after the other, without a list of them.
  [[nodiscard]] Each each() const;
  [[nodiscard]] Each each(Key key) const;
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
  struct Children {
    Block* first = nullptr;  // in the order of the file
    Block* last = nullptr;
    std::uint32_t rows = 0;  // their bits
  };
  [[nodiscard]] const Table::Entry& entryOf(Key key) const {
    const Table::Entry* entry = table_->entry(key);
    return entry == nullptr ? (noSuchValue(), *entry) : *entry;
  }
  [[nodiscard]] const Row& rowOf(Key key) const { return *entryOf(key).row; }
  // False where nothing is set for certain, and most is not.
  [[nodiscard]] bool maySay(const Table::Entry& entry) const {
    return (settingBits_ & entry.bit) != 0;
  }
  [[nodiscard]] const Setting* settingOf(const Table::Entry& entry) const;
  [[nodiscard]] const Value& lookedUp(const Table::Entry& entry) const;
  [[nodiscard]] const Value& inheritedValue(Key key) const;
  [[nodiscard]] Block* firstChild(const Table::Entry& entry) const;
  void set(const Row& row, Value&& value, const Statement* statement, Setting::Origin origin,
           Reason why);

  const Table* table_;
  const Row* row_;
  const Block* outer_;
  const Statement* statement_;
  std::string name_;
  Settings settings_;
  std::uint32_t settingBits_ = 0;
  bool dropped_ = false;
  Children* children_ = nullptr;
  Block* next_ = nullptr;  // in the same block
};

// For a loop over blocks. One that it stands at may be dropped.
class Block::Each {
 public:
  class Iterator {
   public:
    Iterator(Block* at, const Row* row) : at_(at), row_(row) { skip(); }
    Block* operator*() const { return at_; }
    Iterator& operator++() {
      at_ = at_->next_;
      skip();
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    void skip() {
      while (row_ != nullptr && at_ != nullptr && (at_->row_ != row_ || at_->dropped_)) {
        at_ = at_->next_;
      }
    }
    Block* at_;
    const Row* row_;
  };

  // `row` is nullptr for those behind any keyword, dropped or not.
  Each(Block* first, const Row* row) : first_(first), row_(row) {}
  [[nodiscard]] Iterator begin() const { return {first_, row_}; }
  [[nodiscard]] Iterator end() const { return {nullptr, row_}; }

 private:
  Block* first_;
  const Row* row_;
};

inline Block::Each Block::each() const {
  return {children_ == nullptr ? nullptr : children_->first, nullptr};
}

inline Block::Each Block::each(Key key) const {
  const Table::Entry& entry = entryOf(key);
  return {firstChild(entry), entry.row};
}

}  // namespace holdfast::config
