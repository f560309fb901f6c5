#include "config/explain/explain.h"

#include <algorithm>

#include "config/explain/remarks.h"
#include "config/explain/show.h"
#include "config/statement.h"
#include "ipc/json.h"

namespace holdfast::config {
namespace {

using Origin = ExplainedValue::Origin;

std::string placeOf(const Statement* statement, const Source& source) {
  if (statement == nullptr) {
    return {};
  }
  const Place place = statement->place(source);
  return place.file + ":" + std::to_string(place.line);
}

Origin originOf(const Setting& setting) {
  switch (setting.origin) {
    case Setting::Origin::kSaid:
      return Origin::kSaid;
    case Setting::Origin::kAssumed:
      return Origin::kRule;
    case Setting::Origin::kAdjusted:
      return Origin::kChanged;
    case Setting::Origin::kMalformed:
      return Origin::kDefault;
  }
  return Origin::kSaid;
}

const Block* heirloomHolder(const Block& block, const Row& row) {
  const Block* outer = block.outer();
  while (outer != nullptr && outer->table().find(Key(row.otherwise.text)) == nullptr) {
    outer = outer->outer();
  }
  return outer;
}

ExplainedValue explainValue(const Block& block, const Row& row, const Source& source) {
  ExplainedValue value{&row, show(row, block.value(row)), Origin::kDefault, {}};
  if (const Setting* setting = block.setting(Key(row.name))) {
    value.origin = originOf(*setting);
    value.because =
        setting->why.isThere() ? setting->why.text() : placeOf(setting->statement, source);
    return value;
  }
  using Kind = Otherwise::Kind;
  const Otherwise& otherwise = row.otherwise;
  if (otherwise.kind != Kind::kFrom) {
    value.because = otherwise.kind == Kind::kAs ? otherwise.text : std::string_view();
    return value;
  }
  const Block* holder = heirloomHolder(block, row);
  const Row* heirloom = holder == nullptr ? nullptr : holder->table().find(Key(row.otherwise.text));
  if (heirloom != nullptr && !isNothing(holder->value(*heirloom))) {
    const ExplainedValue theirs = explainValue(*holder, *heirloom, source);
    value.origin = theirs.origin == Origin::kDefault ? Origin::kDefault : Origin::kInherited;
    value.because = titleOf(*holder) + " " + std::string(heirloom->name) +
                    (theirs.because.empty() ? "" : ", " + theirs.because);
  } else if (otherwise.lastKind == Kind::kAs) {
    value.because = otherwise.last;
  }
  return value;
}

// In a line only what it says counts: a list of what it does not say would hide it.
bool isWorthSaying(const Block& block, const ExplainedValue& value) {
  const bool isLine = block.row() != nullptr && block.row()->takes.isLine();
  return !value.value.empty() &&
         !(isLine && value.origin == Origin::kDefault && value.value == "off");
}

void explainBlock(const Block& block, const Source& source, std::size_t depth,
                  std::vector<ExplainedObject>& out) {
  ExplainedObject object{&block, titleOf(block), placeOf(block.statement(), source), depth, {}, {}};
  for (const Row& row : block.table().rows()) {
    if (row.takes.isBlock() || row.takes.kind == Takes::Kind::kSameAs) {
      continue;
    }
    ExplainedValue value = explainValue(block, row, source);
    if (isWorthSaying(block, value)) {
      object.values.push_back(std::move(value));
    }
  }
  object.remarks = remarksOn(block);
  out.push_back(std::move(object));
  for (const Block* inner : block.blocks()) {
    if (!inner->isDropped()) {
      explainBlock(*inner, source, depth + 1, out);
    }
  }
}

std::string_view wordOf(Origin origin) {
  switch (origin) {
    case Origin::kSaid:
      return "said";
    case Origin::kInherited:
      return "inherited";
    case Origin::kDefault:
      return "default";
    case Origin::kRule:
      return "rule";
    case Origin::kChanged:
      return "changed";
  }
  return "";
}

std::string reasonOf(const ExplainedValue& value) {
  switch (value.origin) {
    case Origin::kSaid:
      return value.because;
    case Origin::kInherited:
      return "from " + value.because;
    case Origin::kDefault:
      return value.because.empty() ? "default" : "default, from " + value.because;
    case Origin::kRule:
      return value.because == "the default" ? "default" : "because: " + value.because;
    case Origin::kChanged:
      return "not as written: " + value.because;
  }
  return {};
}

void pad(std::string& text, std::size_t width) {
  text.append(text.size() < width ? width - text.size() : 1, ' ');
}

}  // namespace

std::vector<ExplainedObject> explain(const Block& configuration, const Source& source) {
  std::vector<ExplainedObject> objects;
  explainBlock(configuration, source, 0, objects);
  return objects;
}

std::vector<std::string> textLines(const ExplainedObject& object) {
  constexpr std::size_t kNameWidth = 32;
  constexpr std::size_t kValueWidth = 56;
  const std::string indent(2 * object.depth, ' ');
  std::vector<std::string> lines = {indent + object.title +
                                    (object.place.empty() ? "" : "  (" + object.place + ")")};
  for (const ExplainedValue& value : object.values) {
    std::string line = indent + "  " + std::string(value.row->name);
    pad(line, indent.size() + kNameWidth);
    line += value.value;
    pad(line, indent.size() + kValueWidth);
    lines.push_back(line + reasonOf(value));
  }
  for (const std::string& remark : object.remarks) {
    lines.push_back(indent + "  note: " + remark);
  }
  return lines;
}

std::string jsonLine(const ExplainedObject& object) {
  std::string out = "{\"object\":";
  appendJsonString(out, object.title);
  out += ",\"depth\":" + std::to_string(object.depth) + ",\"place\":";
  appendJsonString(out, object.place);
  out += ",\"values\":[";
  for (const ExplainedValue& value : object.values) {
    out += (out.back() == '[' ? "" : ",");
    out += "{\"keyword\":";
    appendJsonString(out, value.row->name);
    out += ",\"value\":";
    appendJsonString(out, value.value);
    out += ",\"origin\":";
    appendJsonString(out, wordOf(value.origin));
    out += ",\"because\":";
    appendJsonString(out, value.because);
    out += "}";
  }
  out += "],\"notes\":[";
  for (const std::string& remark : object.remarks) {
    out += (out.back() == '[' ? "" : ",");
    appendJsonString(out, remark);
  }
  return out + "]}";
}

}  // namespace holdfast::config
