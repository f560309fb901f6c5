#include "config/block.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

namespace holdfast::config {
namespace {

const Value kNothing;

struct HashOfText : std::hash<std::string_view> {
  using is_transparent = void;
};

struct Reasons {
  std::unordered_map<std::string, std::uint32_t, HashOfText, std::equal_to<>> numbers;
  std::vector<const std::string*> texts;
};

Reasons& reasons() {
  static Reasons all;
  return all;
}

}  // namespace

Reason::Reason(std::string_view text) {
  Reasons& all = reasons();
  auto known = all.numbers.find(text);
  if (known == all.numbers.end()) {
    known = all.numbers.emplace(text, all.numbers.size() + 1).first;
    all.texts.push_back(&known->first);
  }
  number_ = known->second;
}

const std::string& Reason::text() const {
  return *reasons().texts.at(number_ - std::size_t{1});
}

Block::Block(const Table& table, const Row* row, const Block* outer, const Statement* statement)
    : table_(&table), row_(row), outer_(outer), statement_(statement) {}

Block::~Block() {
  if (children_ == nullptr) {
    return;
  }
  for (Block* child = children_->first; child != nullptr;) {
    delete std::exchange(child, child->next_);
  }
  PoolAllocator<Children>().deallocate(children_, 1);
}

void Block::noSuchValue() {
  std::abort();
}

const Setting* Block::settingOf(const Table::Entry& entry) const {
  if (maySay(entry)) {
    for (const Setting& setting : settings_) {
      if (setting.row == entry.row) {
        return &setting;
      }
    }
  }
  return nullptr;
}

const Setting* Block::setting(Key key) const {
  const Setting* found = settingOf(entryOf(key));
  return found == nullptr || found->origin == Setting::Origin::kMalformed ? nullptr : found;
}

bool Block::isSaid(Key key) const {
  const Setting* found = setting(key);
  return found != nullptr && found->statement != nullptr;
}

bool Block::isMalformed(Key key) const {
  const Setting* found = settingOf(entryOf(key));
  return found != nullptr && found->origin == Setting::Origin::kMalformed;
}

void Block::setMalformed(const Row& row) {
  if (settingOf(table_->entry(row)) == nullptr) {
    set(row, {}, nullptr, Setting::Origin::kMalformed, {});
  }
}

const Statement* Block::at(Key key) const {
  const Setting* found = setting(key);
  return found != nullptr && found->statement != nullptr ? found->statement : statement_;
}

const Value& Block::lookedUp(const Table::Entry& entry) const {
  const Setting* found = settingOf(entry);
  if (found != nullptr && found->origin != Setting::Origin::kMalformed) {
    return found->value;
  }
  if (entry.otherwise != nullptr) {
    return *entry.otherwise;
  }
  const Otherwise& otherwise = entry.row->otherwise;
  if (otherwise.kind == Otherwise::Kind::kAs) {
    return value(otherwise.key);
  }
  if (const Value& inherited = inheritedValue(otherwise.key); !isNothing(inherited)) {
    return inherited;
  }
  return otherwise.lastKind == Otherwise::Kind::kAs ? value(otherwise.lastKey)
                                                    : table_->last(*entry.row);
}

const Value& Block::inheritedValue(Key key) const {
  for (const Block* block = outer_; block != nullptr; block = block->outer_) {
    if (const Table::Entry* inherited = block->table_->entry(key)) {
      return block->value(*inherited);
    }
  }
  return kNothing;
}

bool Block::flag(Key key) const {
  const bool* found = find<bool>(key);
  return found != nullptr && *found;
}

const Command* Block::command(Key key) const {
  const auto* found = find<std::shared_ptr<const Command>>(key);
  return found == nullptr ? nullptr : found->get();
}

void Block::set(const Row& row, Value&& value, const Statement* statement, Setting::Origin origin,
                Reason why) {
  auto last = settings_.before_begin();
  for (auto one = settings_.begin(); one != settings_.end(); last = one++) {
    if (one->row == &row) {
      *one = {std::move(value), origin, why, &row,
              statement == nullptr ? one->statement : statement};
      return;
    }
  }
  settings_.insert_after(last, {std::move(value), origin, why, &row, statement});
  settingBits_ |= table_->entry(row).bit;
}

void Block::assume(Key key, Value value, std::string_view why) {
  set(rowOf(key), std::move(value), nullptr, Setting::Origin::kAssumed, Reason(why));
}

void Block::adjust(Key key, Value value, std::string_view why) {
  set(rowOf(key), std::move(value), nullptr, Setting::Origin::kAdjusted, Reason(why));
}

void Block::forget(Key key) {
  const Row& row = rowOf(key);
  settings_.remove_if([&row](const Setting& one) { return one.row == &row; });
}

Block& Block::add(const Row& row, std::unique_ptr<Block> child) {
  if (children_ == nullptr) {
    children_ = new (PoolAllocator<Children>().allocate(1)) Children;
  }
  Block* added = child.release();
  added->row_ = &row;
  (children_->last == nullptr ? children_->first : children_->last->next_) = added;
  children_->last = added;
  children_->rows |= table_->entry(row).bit;
  return *added;
}

Block* Block::firstChild(const Table::Entry& entry) const {
  return children_ == nullptr || (children_->rows & entry.bit) == 0 ? nullptr : children_->first;
}

std::vector<Block*> Block::blocks() const {
  std::vector<Block*> all;
  for (Block* child : each()) {
    all.push_back(child);
  }
  return all;
}

std::vector<Block*> Block::blocks(Key key) const {
  std::vector<Block*> found;
  for (Block* child : each(key)) {
    found.push_back(child);
  }
  return found;
}

Block* Block::firstBlock(Key key) const {
  const Table::Entry& entry = entryOf(key);
  Block* child = firstChild(entry);
  while (child != nullptr && (child->row_ != entry.row || child->dropped_)) {
    child = child->next_;
  }
  return child;
}

}  // namespace holdfast::config
