#include "config/explain/comparison.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "config/explain/show.h"
#include "config/secret.h"
#include "ipc/json.h"

namespace holdfast::config {
namespace {

using Effect = Change::Effect;
using Kind = Change::Kind;

struct Special {
  std::string_view table;
  std::string_view keyword;
  Effect effect;
};

// Everything else is applied. A virtual router is the same one as long as these are the same: what
// privd has noted of its state is looked up by them.
constexpr Special kSpecial[] = {
    {"", "net_namespace", Effect::kRestart},
    {"", "net_namespace_ipvs", Effect::kRestart},
    {"", "instance", Effect::kRestart},
    {"", "use_pid_dir", Effect::kRestart},
    {"global_defs", "tmp_config_directory", Effect::kRestart},
    {"vrrp_instance", "interface", Effect::kStartsAnew},
    {"vrrp_instance", "virtual_router_id", Effect::kStartsAnew},
    {"vrrp_instance", "family", Effect::kStartsAnew},
};

Effect effectOf(const Block& block, const Row& row) {
  for (const Special& special : kSpecial) {
    if (special.table == block.table().path() && special.keyword == row.name) {
      return special.effect;
    }
  }
  return Effect::kApplied;
}

// Secrets, which are shown alike.
bool differ(const Value& before, const Value& after) {
  const auto* old = std::get_if<std::shared_ptr<const Secret>>(&before);
  const auto* fresh = std::get_if<std::shared_ptr<const Secret>>(&after);
  return old != nullptr && fresh != nullptr && (*old)->text() != (*fresh)->text();
}

class Comparison {
 public:
  std::vector<Change> run(const Block& before, const Block& after) {
    compareBlocks(before, after, "");
    return std::move(changes_);
  }

 private:
  using Siblings = std::map<std::string, std::vector<const Block*>>;

  static Siblings byTitle(const Block& block) {
    Siblings siblings;
    for (const Block* inner : block.blocks()) {
      if (!inner->isDropped()) {
        siblings[titleOf(*inner)].push_back(inner);
      }
    }
    return siblings;
  }

  void compareBlocks(const Block& before, const Block& after, const std::string& path) {
    compareValues(before, after, path.empty() ? titleOf(after) : path);
    const Siblings old = byTitle(before);
    const Siblings fresh = byTitle(after);
    for (const auto& [title, blocks] : old) {
      const auto found = fresh.find(title);
      const std::size_t kept = found == fresh.end() ? 0 : found->second.size();
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i < kept) {
          compareBlocks(*blocks[i], *found->second[i], join(path, title));
        } else {
          changes_.push_back({Kind::kRemoved, Effect::kApplied, join(path, title), {}, {}, {}});
        }
      }
    }
    for (const auto& [title, blocks] : fresh) {
      const auto found = old.find(title);
      for (std::size_t i = found == old.end() ? 0 : found->second.size(); i < blocks.size(); ++i) {
        changes_.push_back({Kind::kAdded, Effect::kApplied, join(path, title), {}, {}, {}});
      }
    }
  }

  void compareValues(const Block& before, const Block& after, const std::string& path) {
    for (const Row& row : after.table().rows()) {
      if (row.takes.isBlock() || row.takes.kind == Takes::Kind::kSameAs) {
        continue;
      }
      const Value& old = before.value(row);
      const Value& fresh = after.value(row);
      const std::string oldText = show(row, old);
      const std::string freshText = show(row, fresh);
      if (oldText != freshText || differ(old, fresh)) {
        changes_.push_back({Kind::kChanged, effectOf(after, row), path, std::string(row.name),
                            oldText, freshText});
      }
    }
  }

  static std::string join(const std::string& path, const std::string& title) {
    return path.empty() ? title : path + " / " + title;
  }

  std::vector<Change> changes_;
};

std::string orNothing(const std::string& value) {
  return value.empty() ? "(nothing)" : value;
}

}  // namespace

std::vector<Change> compare(const Block& before, const Block& after) {
  return Comparison().run(before, after);
}

std::string textLine(const Change& change) {
  switch (change.kind) {
    case Kind::kAdded:
      return "+ " + change.object;
    case Kind::kRemoved:
      return "- " + change.object;
    case Kind::kChanged:
      break;
  }
  std::string line = "~ " + change.object + ": " + change.keyword + " " + orNothing(change.before) +
                     " -> " + orNothing(change.after);
  if (change.effect == Effect::kRestart) {
    line += "  [needs a restart: a reload leaves it as it is]";
  } else if (change.effect == Effect::kStartsAnew) {
    line += "  [starts anew: it gives its addresses up, and is elected again]";
  }
  return line;
}

std::string jsonLine(const Change& change) {
  constexpr std::string_view kKinds[] = {"added", "removed", "changed"};
  constexpr std::string_view kEffects[] = {"applied", "starts-anew", "restart"};
  std::string out = "{\"change\":";
  appendJsonString(out, kKinds[static_cast<std::size_t>(change.kind)]);
  out += ",\"object\":";
  appendJsonString(out, change.object);
  if (change.kind == Kind::kChanged) {
    out += ",\"keyword\":";
    appendJsonString(out, change.keyword);
    out += ",\"before\":";
    appendJsonString(out, change.before);
    out += ",\"after\":";
    appendJsonString(out, change.after);
    out += ",\"effect\":";
    appendJsonString(out, kEffects[static_cast<std::size_t>(change.effect)]);
  }
  return out + "}";
}

}  // namespace holdfast::config
