#include "config/block.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <unordered_set>

namespace holdfast::config {
namespace {

const Value kNothing;

struct HashOfText : std::hash<std::string_view> {
  using is_transparent = void;
};

// There are few reasons, and thousands of settings that have them: each is kept once.
const std::string* kept(std::string_view reason) {
  static std::unordered_set<std::string, HashOfText, std::equal_to<>> reasons;
  const auto known = reasons.find(reason);
  return known == reasons.end() ? &*reasons.emplace(reason).first : &*known;
}

}  // namespace

Block::Block(const Table& table, const Row* row, const Block* outer, const Statement* statement)
    : table_(&table), row_(row), outer_(outer), statement_(statement) {}

void Block::noSuchValue() {
  std::abort();
}

const Row& Block::rowOf(Key key) const {
  const Row* row = table_->find(key);
  return row == nullptr ? (noSuchValue(), *row) : *row;
}

const Setting* Block::entry(const Row& row) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&row](const Setting& one) { return one.row == &row; });
  return found == settings_.end() ? nullptr : &*found;
}

const Setting* Block::setting(Key key) const {
  const Setting* found = entry(rowOf(key));
  return found == nullptr || found->origin == Setting::Origin::kMalformed ? nullptr : found;
}

bool Block::isSaid(Key key) const {
  const Setting* found = setting(key);
  return found != nullptr && found->statement != nullptr;
}

bool Block::isMalformed(Key key) const {
  const Setting* found = entry(rowOf(key));
  return found != nullptr && found->origin == Setting::Origin::kMalformed;
}

void Block::setMalformed(const Row& row) {
  if (entry(row) == nullptr) {
    settings_.push_back({&row, {}, nullptr, Setting::Origin::kMalformed, nullptr});
  }
}

const Statement* Block::at(Key key) const {
  const Setting* found = setting(key);
  return found != nullptr && found->statement != nullptr ? found->statement : statement_;
}

const Value& Block::value(Key key) const {
  return value(rowOf(key));
}

const Value& Block::value(const Row& row) const {
  const Setting* found = entry(row);
  if (found != nullptr && found->origin != Setting::Origin::kMalformed) {
    return found->value;
  }
  if (row.otherwise.kind == Otherwise::Kind::kFrom) {
    for (const Block* block = outer_; block != nullptr; block = block->outer_) {
      if (const Row* inherited = block->table_->find(Key(row.otherwise.text))) {
        return block->value(*inherited);
      }
    }
    return kNothing;
  }
  return table_->otherwise(row);
}

bool Block::flag(Key key) const {
  const bool* found = find<bool>(key);
  return found != nullptr && *found;
}

const Command* Block::command(Key key) const {
  const auto* found = find<std::shared_ptr<const Command>>(key);
  return found == nullptr ? nullptr : found->get();
}

void Block::set(const Row& row, Setting setting) {
  for (Setting& one : settings_) {
    if (one.row == &row) {
      if (setting.statement == nullptr) {
        setting.statement = one.statement;
      }
      one = std::move(setting);
      return;
    }
  }
  settings_.push_back(std::move(setting));
}

void Block::say(const Row& row, Value value, const Statement* statement) {
  set(row, {&row, std::move(value), statement, Setting::Origin::kSaid, nullptr});
}

void Block::say(Key key, Value value, const Statement* statement) {
  say(rowOf(key), std::move(value), statement);
}

void Block::assume(Key key, Value value, std::string_view why) {
  const Row& row = rowOf(key);
  set(row, {&row, std::move(value), nullptr, Setting::Origin::kAssumed, kept(why)});
}

void Block::adjust(Key key, Value value, std::string_view why) {
  const Row& row = rowOf(key);
  set(row, {&row, std::move(value), nullptr, Setting::Origin::kAdjusted, kept(why)});
}

void Block::forget(Key key) {
  const Row& row = rowOf(key);
  std::erase_if(settings_, [&row](const Setting& one) { return one.row == &row; });
}

Block& Block::add(const Row& row, std::unique_ptr<Block> child) {
  child->row_ = &row;
  blocks_.push_back(std::move(child));
  return *blocks_.back();
}

std::vector<Block*> Block::blocks(Key key) const {
  const Row& row = rowOf(key);
  std::vector<Block*> found;
  for (const auto& block : blocks_) {
    if (block->row_ == &row && !block->dropped_) {
      found.push_back(block.get());
    }
  }
  return found;
}

Block* Block::firstBlock(Key key) const {
  const Row& row = rowOf(key);
  const auto found = std::find_if(blocks_.begin(), blocks_.end(), [&row](const auto& block) {
    return block->row_ == &row && !block->dropped_;
  });
  return found == blocks_.end() ? nullptr : found->get();
}

}  // namespace holdfast::config
