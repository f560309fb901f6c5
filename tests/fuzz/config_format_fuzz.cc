// The formatter: whatever a file holds, its meaning stays, and formatting it again changes nothing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/unit/config/format_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const std::string broken = holdfast::config::brokenPromise(text); !broken.empty()) {
    std::fputs(broken.c_str(), stderr);
    __builtin_trap();
  }
  return 0;
}
