// A value of the configuration, as the row of its keyword reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
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

// A text in the room of two pointers: most settings are smaller than a std::string. Copies share
// it.
class Text {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a text as a value is the point.
  Text(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
  [[nodiscard]] const std::string& get() const { return *text_; }
  friend bool operator==(const Text& a, const Text& b) { return a.get() == b.get(); }

 private:
  std::shared_ptr<const std::string> text_;
};

using WordList = std::vector<std::string>;

// Nothing, a switch, a number or a choice, a time, a text, an address; what is rare and large is
// kept outside. Times are nanoseconds.
using Value = std::variant<std::monostate, bool, std::int64_t, Duration, Text, IpAddress,
                           std::shared_ptr<const WordList>, std::shared_ptr<const UserName>,
                           std::shared_ptr<const Command>, std::shared_ptr<const Secret>>;

[[nodiscard]] inline bool isNothing(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

// Nullptr where the value is something else. A text is a std::string.
template <typename T>
[[nodiscard]] const T* valueAs(const Value& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    const Text* text = std::get_if<Text>(&value);
    return text == nullptr ? nullptr : &text->get();
  } else {
    return std::get_if<T>(&value);
  }
}

}  // namespace holdfast::config
