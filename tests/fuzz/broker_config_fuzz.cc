// A sealed configuration of any content: it is validated, or refused without an exception.
#include <capnp/serialize.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <variant>
#include <vector>

#include "ipc/kj_edge.h"
#include "privd/broker/configuration.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const QuietKjExceptions quiet;
  std::vector<capnp::word> words(size / sizeof(capnp::word));
  if (!words.empty()) {
    std::memcpy(words.data(), data, words.size() * sizeof(capnp::word));
  }
  const Status opened = catchKj("sealed configuration", [&]() -> Status {
    capnp::ReaderOptions options;
    options.nestingLimit = 16;
    capnp::FlatArrayMessageReader reader(kj::arrayPtr(words.data(), words.size()), options);
    const auto read = privd::readConfiguration(reader.getRoot<schema::BrokerConfig>());
    if (const auto* config = std::get_if<privd::Configuration>(&read)) {
      for (const privd::Instance& instance : config->instances) {
        for (const privd::VirtualAddress& address : instance.addresses) {
          if (indexOf(address.interface) >= config->interfaces.size()) {
            std::abort();
          }
        }
      }
    }
    return success();
  });
  static_cast<void>(opened);
  return 0;
}
