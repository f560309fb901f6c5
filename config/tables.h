// The keyword tables, one for each kind of block.
#pragma once

#include <span>

#include "config/keyword.h"
#include "config/model.h"

namespace holdfast::config {

[[nodiscard]] std::span<const Keyword<Model>> rootTable();
[[nodiscard]] std::span<const Keyword<Globals>> globalTable();
[[nodiscard]] std::span<const Keyword<ScriptBlock>> scriptTable();
[[nodiscard]] std::span<const Keyword<InstanceBlock>> instanceTable();

}  // namespace holdfast::config
