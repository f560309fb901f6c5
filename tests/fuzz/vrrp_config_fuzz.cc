// What a hostile confd hands to vrrpd: it is validated, or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/sealed_input.h"
#include "vrrpd/configuration.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readSealedInput<schema::VrrpConfig>(data, size, [](schema::VrrpConfig::Reader from) {
    std::uint32_t refused = 0;
    const auto config = vrrpd::readConfiguration(from, TimePoint{}, refused);
    if (config && config->instances.size() > 65536) {
      std::abort();
    }
  });
  return 0;
}
