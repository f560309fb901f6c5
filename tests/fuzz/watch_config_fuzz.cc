// What a hostile confd hands to watchd: it is validated, or refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/fuzz/sealed_input.h"
#include "watchd/watch_table.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readSealedInput<schema::WatchConfig>(data, size, [](schema::WatchConfig::Reader from) {
    const auto table = watchd::readWatchTable(from);
    if (table && !std::ranges::all_of(table->files, [](const watchd::FileEntry& file) {
          return file.path.starts_with('/') && file.path.find('\0') == std::string::npos;
        })) {
      std::abort();
    }
  });
  return 0;
}
