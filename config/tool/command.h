// The command line of `holdfast config`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/source.h"
#include "ipc/result.h"

namespace holdfast::config {

struct ToolCommand {
  enum class Kind { kExplain, kPlan, kFormat, kKeywords, kHelp };
  Kind kind = Kind::kHelp;
  std::vector<std::string> files;  // as many as the command works on
  bool json = false;
  bool check = false;                                  // kFormat: only say whether it would change
  std::optional<std::string> configId;                 // else the host's name
  std::optional<std::vector<std::string>> interfaces;  // else those that exist
  bool everyInterface = false;
};

// An Error is to be printed.
[[nodiscard]] Result<ToolCommand> parseToolCommand(std::span<char* const> arguments);

[[nodiscard]] std::string helpText();

}  // namespace holdfast::config
