// A sealed configuration of IPVS of any content: it is validated, or refused without an exception.
// What is accepted is within its bounds, and can be told to the kernel.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "privd/broker/ipvs/codec.h"
#include "privd/broker/ipvs/configuration.h"
#include "tests/fuzz/sealed_input.h"

using namespace holdfast;
using namespace holdfast::privd::ipvs;

namespace {

constexpr std::uint32_t kServicesOfARange = 4;

void encode(const VirtualServer& server) {
  Batch batch(0x20, 1);
  for (const ServiceRange& range : server.services) {
    for (std::uint32_t i = 0; i < std::min(range.count, kServicesOfARange); ++i) {
      const ServiceKey key = range.at(i);
      batch.change({.kind = Operation::Kind::kAddService,
                    .service = key,
                    .serviceOptions = server.optionsOf(key)});
      for (const ConfiguredDestination& destination : server.destinations) {
        batch.change({.kind = Operation::Kind::kAddDestination,
                      .service = key,
                      .destination = destination.keyFor(key),
                      .destinationOptions = destination.options});
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readSealedInput<schema::IpvsConfig>(data, size, [](schema::IpvsConfig::Reader from) {
    const Result<Configuration> config = readConfiguration(from);
    if (!config) {
      return;
    }
    std::size_t services = 0;
    for (const VirtualServer& server : config->virtualServers) {
      services += server.serviceCount();
      encode(server);
    }
    if (services > kMaxServices) {
      std::abort();
    }
  });
  return 0;
}
