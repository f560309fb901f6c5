// What a hostile confd hands to watchd: it is validated, or refused.
#include <capnp/serialize.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "ipc/kj_edge.h"
#include "watchd/watch_table.h"

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
    const auto table = watchd::readWatchTable(reader.getRoot<schema::WatchConfig>());
    if (table && !std::ranges::all_of(table->files, [](const watchd::FileEntry& file) {
          return file.path.starts_with('/') && file.path.find('\0') == std::string::npos;
        })) {
      std::abort();
    }
    return success();
  });
  static_cast<void>(opened);
  return 0;
}
