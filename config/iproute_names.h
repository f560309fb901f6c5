// The names that iproute2's files give to numbers: a table is called "main", a realm "cosmos".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/files.h"

namespace holdfast::config {

using NumberNames = std::map<std::string, std::uint32_t, std::less<>>;

// Lines of NUMBER NAME, with # before comments; the number is decimal or behind 0x. What else
// stands there is skipped. Of one name the last line counts.
void readNumberNames(std::string_view text, NumberNames& names);
// Lines of NAME NUMBER ALIAS..., as in /etc/protocols.
void readProtocolNames(std::string_view text, NumberNames& names);

class IprouteNames {
 public:
  enum class Kind : std::uint8_t { kTable, kTos, kRealm, kProtocol, kScope, kGroup, kIpProtocol };
  struct Directories {
    std::vector<std::string> usr = {"/usr/share/iproute2", "/usr/lib/iproute2"};
    std::string etc = "/etc/iproute2";
  };

  // Files are read when a name of theirs is first asked for.
  IprouteNames(const Files& files, Directories directories)
      : files_(files), directories_(std::move(directories)) {}

  // The number of `word`, which may be a number itself; nullopt for neither, or above `highest`.
  // A name in the directory etc stands for the one in usr. Those that the kernel's headers and
  // iproute2 itself have need no file.
  [[nodiscard]] std::optional<std::uint32_t> find(Kind kind, std::string_view word,
                                                  std::uint32_t highest);

 private:
  [[nodiscard]] const NumberNames& namesOf(Kind kind);

  const Files& files_;
  Directories directories_;
  std::array<std::optional<NumberNames>, 7> names_;
};

}  // namespace holdfast::config
