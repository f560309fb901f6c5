// Whether a process is one that a vrrp_track_process counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::watchd {

// A longer command line is compared as far as this.
inline constexpr std::size_t kMaxCommandLine = std::size_t{64} * 1024;

enum class Parameters : std::uint8_t {
  kIgnored,
  kExact,
  kInitial,  // the last one may be longer
  kPartial,  // more may follow
};

class ProcessMatch {
 public:
  // `arguments` has the command first. Its name alone counts unless parameters do, or
  // `fullCommand`, with which it is compared with the first word of the command line.
  ProcessMatch(const std::vector<std::string>& arguments, Parameters parameters, bool fullCommand);

  [[nodiscard]] bool needsCommandLine() const { return byCommandLine_; }
  // `name` is /proc/PID/comm without the line's end; `commandLine` is /proc/PID/cmdline, with a NUL
  // behind each word, and is not looked at unless it is needed.
  [[nodiscard]] bool matches(std::string_view name, std::string_view commandLine) const;

 private:
  std::string name_;         // as the kernel has it: 15 bytes at most
  std::string command_;      // with a NUL behind it
  std::string commandLine_;  // the same of all words
  Parameters parameters_;
  bool byCommandLine_;
};

}  // namespace holdfast::watchd
