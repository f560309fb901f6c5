#include "watchd/file_number.h"

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>

namespace holdfast::watchd {

std::optional<std::int32_t> parseFileNumber(std::string_view text) {
  const std::string terminated(text.substr(0, kMaxNumberText));
  errno = 0;
  const long long number = std::strtoll(terminated.c_str(), nullptr, 0);
  if (errno == ERANGE || number < std::numeric_limits<std::int32_t>::min() ||
      number > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(number);
}

}  // namespace holdfast::watchd
