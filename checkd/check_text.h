// What the log says of a check, in keepalived's words.
#pragma once

#include <cstdint>
#include <string>

#include "checkd/configuration.h"

namespace holdfast::checkd {

// "TCP_CHECK"
[[nodiscard]] const char* keywordOf(const Checker& checker);
[[nodiscard]] std::string passedText(const Checker& checker, const std::string& server);
// After so many retries.
[[nodiscard]] std::string failedText(const Checker& checker, const std::string& server,
                                     std::uint32_t retries);
// The certificate that the server showed ends in so many seconds, or has ended.
[[nodiscard]] std::string expiryText(const Checker& checker, const std::string& server,
                                     std::int64_t secondsLeft);

}  // namespace holdfast::checkd
