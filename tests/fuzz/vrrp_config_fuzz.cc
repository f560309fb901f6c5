// What a hostile confd hands to vrrpd: it is validated, or refused.
#include <capnp/serialize.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "ipc/kj_edge.h"
#include "vrrpd/configuration.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const QuietKjExceptions quiet;
  kj::Array<capnp::word> words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
  if (words.size() > 0) {
    std::memcpy(words.begin(), data, words.asBytes().size());
  }
  const Status opened = catchKj("sealed configuration", [&]() -> Status {
    capnp::ReaderOptions options;
    options.nestingLimit = 16;
    capnp::FlatArrayMessageReader reader(words, options);
    std::uint32_t refused = 0;
    const auto config = vrrpd::readConfiguration(reader.getRoot<schema::VrrpConfig>(), refused);
    if (config && config->instances.size() > 65536) {
      std::abort();
    }
    return success();
  });
  static_cast<void>(opened);
  return 0;
}
