// The words of regex_options, in the order of schema::RegexOption.
#pragma once

#include <array>
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

}  // namespace holdfast::config
