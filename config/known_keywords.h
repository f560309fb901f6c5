// The keywords of keepalived's language that this version has no table row for. They are
// recognised, so that a file that uses them is told what is missing instead of "unknown keyword".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/keyword.h"
#include "config/statement.h"

namespace holdfast::config {

enum class Effect : std::uint8_t {
  kHarmless,          // VRRP and scripts do the same without it
  kChangesBehaviour,  // leaving it out is an error of the configuration
};

struct KnownKeyword {
  enum class Kind : std::uint8_t { kPlain, kList, kBlock };
  std::string_view name;
  Kind kind = Kind::kPlain;
  Effect effect = Effect::kChangesBehaviour;
};

// `path` is that of the surrounding block: "" for the root, "vrrp_instance/authentication".
[[nodiscard]] const KnownKeyword* findKnown(std::string_view path, std::string_view keyword);

void addKnownNames(std::string_view path, std::vector<std::string_view>& names);

// The path of a block that `keyword` belongs in, "" for the root; nullopt for no keyword at all.
[[nodiscard]] std::optional<std::string_view> homeOf(std::string_view keyword);

// Looks for unknown keywords in the block of a known one.
void checkKnownBlock(Context& context, std::string_view path, const KnownKeyword& known,
                     const Statement& statement);

}  // namespace holdfast::config
