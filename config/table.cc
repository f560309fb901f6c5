#include "config/table.h"

#include <charconv>
#include <cstdlib>

#include "config/statement.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

std::optional<std::int64_t> parseWhole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

Value defaultOf(const Takes& takes, std::string_view text) {
  for (const Choice& choice : takes.choices) {
    if (choice.word == text) {
      return choice.value;
    }
  }
  using Kind = Takes::Kind;
  if (takes.kind == Kind::kFlag || takes.kind == Kind::kSwitch) {
    return text == "on";
  }
  if (takes.kind == Kind::kTime || (takes.kind == Kind::kNumber && takes.unit != 1)) {
    return parseTime(text, takes.unit).value();
  }
  if (takes.kind == Kind::kNumber) {
    return parseWhole(text).value();
  }
  if (takes.kind == Kind::kAddress) {
    return IpAddress::parse(text).value();
  }
  if (takes.kind == Kind::kCustom && (text == "on" || text == "off")) {
    return text == "on";
  }
  if (takes.kind == Takes::Kind::kCustom) {
    if (const auto number = parseWhole(text)) {
      return *number;
    }
    if (const auto address = IpAddress::parse(text)) {
      return *address;
    }
  }
  return std::string(text);
}

Value defaultOf(const Row& row) {
  using Kind = Otherwise::Kind;
  return row.otherwise.kind == Kind::kValue       ? defaultOf(row.takes, row.otherwise.text)
         : row.otherwise.lastKind == Kind::kValue ? defaultOf(row.takes, row.otherwise.last)
                                                  : Value();
}

}  // namespace

bool Cursor::hasWord() const {
  return word < statement.words.size();
}

std::string_view Cursor::peek() const {
  return statement.words.at(word).text;
}

std::string_view Cursor::take() {
  return statement.words.at(word++).text;
}

Table::Table(std::string_view path, std::span<const Row> rows, LineRules lineRules)
    : path_(path), rows_(rows), lineRules_(lineRules) {
  index();
}

Table::Table(std::string_view path, std::initializer_list<std::span<const Row>> areas,
             LineRules lineRules)
    : path_(path), lineRules_(lineRules) {
  for (const std::span<const Row> rows : areas) {
    joined_.insert(joined_.end(), rows.begin(), rows.end());
  }
  rows_ = joined_;
  index();
}

void Table::index() {
  constexpr std::size_t kBits = 32;
  std::size_t size = 4;
  while (size < 2 * rows_.size()) {
    size *= 2;
  }
  slots_.resize(size);
  defaults_.reserve(rows_.size());
  entries_.reserve(rows_.size());
  for (const Row& row : rows_) {
    const std::uint32_t hash = Key(row.name).hash();
    Entry& entry = slots_[slotOf(hash)];
    if (entry.row != nullptr) {
      std::abort();  // a name twice, or two names with one hash
    }
    if (row.takes.kind == Takes::Kind::kList && row.takes.isPart) {
      lines_ = &row;
    }
    defaults_.push_back(defaultOf(row));
    using Kind = Otherwise::Kind;
    const bool isElsewhere = row.otherwise.kind == Kind::kFrom || row.otherwise.kind == Kind::kAs;
    entry = {hash, std::uint32_t{1} << (entries_.size() % kBits), &row,
             isElsewhere ? nullptr : &defaults_.back()};
    entries_.push_back(&entry);
  }
  addTargets();
}

void Table::addTargets() {
  for (const Entry* entry : entries_) {
    for (const Field& field : entry->row->fields) {
      if (field.set != nullptr) {
        targets_[field.of].push_back({entry, &field});
      }
    }
  }
}

const std::vector<Table::Target>& Table::targets(const void* of) const {
  static const std::vector<Target> kNone;
  const auto found = targets_.find(of);
  return found == targets_.end() ? kNone : found->second;
}

const Row* Table::named(std::string_view name) const {
  const Row* row = find(Key(name));
  return row != nullptr && row->name == name && !row->takes.isPart ? row : nullptr;
}

const Row& Table::meant(const Row& row) const {
  if (row.takes.kind != Takes::Kind::kSameAs) {
    return row;
  }
  return *find(Key(row.takes.other));
}

// "3", "0.5", "-1": exact, unlike a double.
std::optional<Duration> parseTime(std::string_view text, std::int64_t unit) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  constexpr std::size_t kMaxDigits = 12;
  if ((whole.empty() && fraction.empty()) || whole.size() > kMaxDigits) {
    return std::nullopt;
  }
  std::int64_t amount = 0;
  for (const char c : whole) {
    if (!isDigit(c)) {
      return std::nullopt;
    }
    amount = amount * 10 + (c - '0');
  }
  if (amount > INT64_MAX / unit - 1) {
    return std::nullopt;
  }
  amount *= unit;
  for (const char c : fraction) {
    if (!isDigit(c)) {
      return std::nullopt;
    }
    unit /= 10;
    amount += unit * (c - '0');
  }
  return Duration(negative ? -amount : amount);
}

}  // namespace holdfast::config
