// What a script prints, in pieces of any size: few, short, printable lines.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scriptd/output_filter.h"

using namespace holdfast::scriptd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  OutputFilter filter;
  std::size_t lines = 0;
  const auto check = [&lines](std::string_view line) {
    ++lines;
    if (line.empty() || line.size() > kMaxOutputLine ||
        !std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
      std::abort();
    }
  };
  // The first byte says how large the pieces are.
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::size_t piece = size == 0 ? 1 : std::size_t{data[0]} * 4 + 1;
  while (!rest.empty()) {
    filter.feed(rest.substr(0, piece), check);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  filter.finish(check);
  if (lines > kMaxLinesPerRun + 2) {
    std::abort();
  }
  return 0;
}
