// A value of the configuration, as the row of its keyword reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ipc/ip_address.h"
#include "ipc/time.h"

namespace holdfast::config {

struct Statement;

// The words `user [group]`.
struct UserName {
  std::string user;
  std::optional<std::string> group;  // else the user's own
  const Statement* statement = nullptr;
};

// A script's command line.
struct Command {
  std::vector<std::string> arguments;  // [0] is the path; never empty
  std::optional<UserName> user;        // else the default script user
  const Statement* statement = nullptr;
};

class Secret;

using WordList = std::vector<std::string>;

// Nothing, a switch, a number or a choice, a time, a text, an address; what is rare and large is
// kept outside. Times are nanoseconds.
using Value = std::variant<std::monostate, bool, std::int64_t, Duration, std::string, IpAddress,
                           std::shared_ptr<const WordList>, std::shared_ptr<const UserName>,
                           std::shared_ptr<const Command>, std::shared_ptr<const Secret>>;

[[nodiscard]] inline bool isNothing(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

}  // namespace holdfast::config
