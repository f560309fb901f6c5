#include "checkd/check_text.h"

#include <array>
#include <string_view>

#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

struct Words {
  const char* keyword;
  std::string_view beforeServer;
  std::string_view afterServer;
};

// In the order of Checker::check.
constexpr std::array kWords{
    Words{"TCP_CHECK", "TCP connection to ", " success."},
    Words{"HTTP_CHECK", "Remote Web server ", " succeed on service."},
    Words{"SMTP_CHECK", "Remote SMTP server ", " succeed on service."},
    Words{"DNS_CHECK", "DNS_CHECK (", ") success."},
    Words{"MISC_CHECK", "Misc check for [", "] succeeded."},
    Words{"UDP_CHECK", "UDP connection to ", " success."},
    Words{"PING_CHECK", "ICMP connection to ", " success."},
    Words{"FILE_CHECK", "File check of ", " succeeded."},
    Words{"BFD_CHECK", "BFD check of ", " succeeded."},
};
static_assert(kWords.size() == std::variant_size_v<decltype(Checker::check)>);

const Words& wordsOf(const Checker& checker) {
  return kWords[checker.check.index()];
}

}  // namespace

const char* keywordOf(const Checker& checker) {
  return wordsOf(checker).keyword;
}

std::string passedText(const Checker& checker, const std::string& server) {
  return concat(wordsOf(checker).beforeServer, server, wordsOf(checker).afterServer);
}

std::string failedText(const Checker& checker, const std::string& server, std::uint32_t retries) {
  const std::string text = concat(keywordOf(checker), " on service ", server, " failed");
  return retries == 0 ? text + "." : concat(text, " after ", retries, " retries.");
}

std::string expiryText(const Checker& checker, const std::string& server,
                       std::int64_t secondsLeft) {
  const std::string text = concat(keywordOf(checker), " on service ", server, ": its certificate ");
  if (secondsLeft < 0) {
    return text + "has expired";
  }
  const std::int64_t days = secondsLeft / 86'400;
  return days == 0 ? text + "expires today"
                   : concat(text, "expires in ", days, days == 1 ? " day" : " days");
}

}  // namespace holdfast::checkd
