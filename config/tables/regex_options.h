// The words of regex_options, in the order of schema::RegexOption.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast::config {

inline constexpr std::array<std::string_view, 24> kRegexOptions = {"allow_empty_class",
                                                                   "alt_bsux",
                                                                   "alt_circumflex",
                                                                   "alt_verbnames",
                                                                   "auto_callout",
                                                                   "caseless",
                                                                   "dollar_endonly",
                                                                   "dotall",
                                                                   "dupnames",
                                                                   "extended",
                                                                   "firstline",
                                                                   "match_unset_backref",
                                                                   "multiline",
                                                                   "never_backslash_c",
                                                                   "never_ucp",
                                                                   "never_utf",
                                                                   "no_auto_capture",
                                                                   "no_auto_possess",
                                                                   "no_dotstar_anchor",
                                                                   "no_start_optimize",
                                                                   "ucp",
                                                                   "ungreedy",
                                                                   "use_offset_limit",
                                                                   "utf"};

// What they mean, in the same order.
inline constexpr std::array<std::uint32_t, kRegexOptions.size()> kRegexBits = {
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
    PCRE2_UTF};

}  // namespace holdfast::config
