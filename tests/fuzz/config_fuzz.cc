// A configuration file by anybody: from text to sealed messages. An input may hold several files:
// "--- name" begins the next one, which the first can include.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/compiler.h"
#include "config/explain/comparison.h"
#include "config/explain/explain.h"
#include "config/seal/seal.h"
#include "tests/unit/config/memory_files.h"

namespace {

using namespace holdfast::config;

constexpr std::string_view kSeparator = "\n--- ";

MemoryFiles filesOf(std::string_view input) {
  MemoryFiles files;
  std::string name = "/k/main";
  for (;;) {
    const std::size_t end = input.find(kSeparator);
    files.contents.emplace(name, input.substr(0, end));
    if (end == std::string_view::npos) {
      return files;
    }
    input.remove_prefix(end + kSeparator.size());
    const std::size_t newline = std::min(input.find('\n'), input.size());
    name = "/k/" + std::string(input.substr(0, newline));
    input.remove_prefix(newline);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFiles files = filesOf(std::string_view(reinterpret_cast<const char*>(data), size));
  SourceOptions options;
  options.configId = "main";
  options.maxLines = 2000;
  options.maxExpandedBytes = std::size_t{1} << 20;
  options.environment["NAME"] = "value";
  const Host host{{"lo", "eth0"}, 0, 0, "/dev/null", "/dev/null"};
  const Compilation compilation = compile("/k/main", options, files, host);
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    if (textLines(diagnostic, true).empty() || jsonLine(diagnostic).empty()) {
      __builtin_trap();
    }
  }
  if (!compilation.report.refused()) {
    const Block& configuration = *compilation.plan.configuration;
    if (!seal(compilation.plan).ok() || !compare(configuration, configuration).empty() ||
        explain(configuration, compilation.source).empty()) {
      __builtin_trap();
    }
  }
  return 0;
}
