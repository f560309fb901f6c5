#define PCRE2_CODE_UNIT_WIDTH 8
#include "checkd/regex_options.h"

#include <pcre2.h>

#include <array>
#include <cstddef>

namespace holdfast::checkd {
namespace {

// In the order of schema::RegexOption.
constexpr std::array kOptions{
    PCRE2_ALLOW_EMPTY_CLASS,
    PCRE2_ALT_BSUX,
    PCRE2_ALT_CIRCUMFLEX,
    PCRE2_ALT_VERBNAMES,
    PCRE2_AUTO_CALLOUT,
    PCRE2_CASELESS,
    PCRE2_DOLLAR_ENDONLY,
    PCRE2_DOTALL,
    PCRE2_DUPNAMES,
    PCRE2_EXTENDED,
    PCRE2_FIRSTLINE,
    PCRE2_MATCH_UNSET_BACKREF,
    PCRE2_MULTILINE,
    PCRE2_NEVER_BACKSLASH_C,
    PCRE2_NEVER_UCP,
    PCRE2_NEVER_UTF,
    PCRE2_NO_AUTO_CAPTURE,
    PCRE2_NO_AUTO_POSSESS,
    PCRE2_NO_DOTSTAR_ANCHOR,
    PCRE2_NO_START_OPTIMIZE,
    PCRE2_UCP,
    PCRE2_UNGREEDY,
    PCRE2_USE_OFFSET_LIMIT,
    PCRE2_UTF,
};
static_assert(kOptions.size() == static_cast<std::size_t>(schema::RegexOption::UTF) + 1);

}  // namespace

std::uint32_t pcre2Option(schema::RegexOption option) {
  const auto index = static_cast<std::size_t>(option);
  return index < kOptions.size() ? kOptions[index] : 0;
}

}  // namespace holdfast::checkd
