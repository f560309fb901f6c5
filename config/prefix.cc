#include "config/prefix.h"

#include <charconv>
#include <string>

namespace holdfast::config {

std::optional<Prefix> readPrefix(Context& context, Cursor& cursor) {
  const std::string_view text = cursor.take();
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const std::int64_t longest = longestPrefix(address->family);
  if (slash + 1 >= text.size()) {
    return Prefix{*address, longest, false};
  }
  std::int64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
  if (error != std::errc{} || stop != end || length < 0 || length > longest) {
    length = longest;
    context.error(Code::kInvalidValue, cursor,
                  "Invalid address prefix len " + std::string(text.substr(slash + 1)) +
                      " for address " + std::string(text) + " - using " + std::to_string(longest));
  }
  return Prefix{*address, length, true};
}

bool isEverywhere(std::string_view word) {
  return word == "default" || word == "all" || word == "any";
}

}  // namespace holdfast::config
