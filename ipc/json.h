// Text for programs to read.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// Appends `text` in quotes, in ASCII only: what UTF-8 says as an escape, and a byte that is not
// part of valid UTF-8 as the Latin-1 character, so that the result is JSON whatever the text was.
void appendJsonString(std::string& out, std::string_view text);

}  // namespace holdfast
