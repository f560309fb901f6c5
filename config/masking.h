// Keeps secrets out of everything that is shown: diagnostics and dumps. What a secret is, is said
// by the rows of the tables.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::config {

struct Diagnostic;

// A line of the configuration with "********" in the place of each secret. A keyword counts in any
// block, and also where it is misspelt at the beginning of the line.
[[nodiscard]] std::string maskLine(std::string_view line);

// The same for the line that is shown, and for what the message and the hint take from it.
void mask(Diagnostic& diagnostic);

}  // namespace holdfast::config
