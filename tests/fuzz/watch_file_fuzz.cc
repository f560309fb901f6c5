// What others write into a tracked file: a number, whatever stands around it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "watchd/file_number.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::watchd::parseFileNumber;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto number = parseFileNumber(text);
  if (number && parseFileNumber(std::to_string(*number)) != number) {
    std::abort();
  }
  return 0;
}
