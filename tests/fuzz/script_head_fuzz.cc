// What a script's file begins with: the interpreter is absolute, one word, and part of the file.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/script_head.h"

using namespace holdfast::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view head(reinterpret_cast<const char*>(data), size);
  const ScriptHead parsed = parseScriptHead(head);
  const bool interpreted = parsed.format == ScriptFormat::kInterpreted;
  const std::string_view path = parsed.interpreter;
  if (interpreted != head.starts_with("#!") || (!path.empty() && path.front() != '/') ||
      path.find_first_of(std::string_view(" \t\n\0", 4)) != std::string_view::npos ||
      (interpreted && path.size() > 1 && head.find(path.substr(1)) == std::string_view::npos)) {
    std::abort();
  }
  return 0;
}
