// A file of names as iproute2 has them, by anybody.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/iproute_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  holdfast::config::NumberNames names;
  holdfast::config::readNumberNames(text, names);
  holdfast::config::readProtocolNames(text, names);
  return 0;
}
