// Command lines as processes write them: who matches exactly matches in every other way too.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "watchd/process_match.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::watchd;
  const std::string_view commandLine(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> wanted{"/x", "a", "bc"};
  const auto matches = [&](Parameters parameters) {
    return ProcessMatch(wanted, parameters, true).matches("x", commandLine);
  };
  const bool isExact = matches(Parameters::kExact);
  if ((isExact && !(matches(Parameters::kInitial) && matches(Parameters::kPartial))) ||
      (matches(Parameters::kPartial) && !matches(Parameters::kIgnored))) {
    std::abort();
  }
  return 0;
}
