#include "policy/process_status.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "ipc/unique_fd.h"

namespace holdfast::policy {
namespace {

constexpr std::size_t kMaxStatusBytes = 1024 * 1024;  // 65,536 groups of 11 characters fit

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number>
bool parseNumber(std::string_view text, Number& number, int base = 10) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, base);
  return result.ec == std::errc{} && result.ptr == end;
}

template <typename Number>
bool parseNumbers(std::string_view text, std::vector<Number>& numbers) {
  while (!(text = trimmed(text)).empty()) {
    const auto length = std::min(text.find_first_of(" \t"), text.size());
    Number number{};
    if (!parseNumber(text.substr(0, length), number)) {
      return false;
    }
    numbers.push_back(number);
    text.remove_prefix(length);
  }
  return true;
}

template <typename Number>
bool parseFour(std::string_view text, std::array<Number, 4>& into) {
  std::vector<Number> numbers;
  if (!parseNumbers(text, numbers) || numbers.size() != into.size()) {
    return false;
  }
  std::copy(numbers.begin(), numbers.end(), into.begin());
  return true;
}

bool parseSet(std::string_view text, CapabilitySet& set) {
  std::uint64_t bits = 0;
  if (!parseNumber(text, bits, 16)) {
    return false;
  }
  set = CapabilitySet::fromBits(bits);
  return true;
}

bool parseFlag(std::string_view text, bool& flag) {
  unsigned number = 0;
  if (!parseNumber(text, number)) {
    return false;
  }
  flag = number != 0;
  return true;
}

struct Field {
  std::string_view key;
  bool (*parse)(std::string_view value, ProcessStatus& into);
  bool required = true;
};

constexpr Field kFields[] = {
    {"Name", [](std::string_view v, ProcessStatus& s) { return s.name = v, true; }},
    {"Pid", [](std::string_view v, ProcessStatus& s) { return parseNumber(v, s.pid); }},
    {"PPid", [](std::string_view v, ProcessStatus& s) { return parseNumber(v, s.parent); }},
    {"Uid", [](std::string_view v, ProcessStatus& s) { return parseFour(v, s.uids); }},
    {"Gid", [](std::string_view v, ProcessStatus& s) { return parseFour(v, s.gids); }},
    {"Groups", [](std::string_view v, ProcessStatus& s) { return parseNumbers(v, s.groups); }},
    {"CapInh", [](std::string_view v, ProcessStatus& s) { return parseSet(v, s.inheritable); }},
    {"CapPrm", [](std::string_view v, ProcessStatus& s) { return parseSet(v, s.permitted); }},
    {"CapEff", [](std::string_view v, ProcessStatus& s) { return parseSet(v, s.effective); }},
    {"CapBnd", [](std::string_view v, ProcessStatus& s) { return parseSet(v, s.bounding); }},
    {"CapAmb", [](std::string_view v, ProcessStatus& s) { return parseSet(v, s.ambient); }},
    {"NoNewPrivs",
     [](std::string_view v, ProcessStatus& s) { return parseFlag(v, s.noNewPrivileges); }},
    {"Seccomp", [](std::string_view v, ProcessStatus& s) { return parseNumber(v, s.seccompMode); }},
    {"Seccomp_filters",
     [](std::string_view v, ProcessStatus& s) { return parseNumber(v, s.seccompFilters); }, false},
};

}  // namespace

Result<ProcessStatus> parseProcessStatus(std::string_view text) {
  ProcessStatus status;
  std::array<bool, std::size(kFields)> seen{};
  while (!text.empty()) {
    const auto length = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      continue;
    }
    for (std::size_t i = 0; i < std::size(kFields); ++i) {
      if (line.substr(0, colon) != kFields[i].key) {
        continue;
      }
      if (seen[i] || !kFields[i].parse(trimmed(line.substr(colon + 1)), status)) {
        return Error{"unexpected line in a status file: " + std::string(line)};
      }
      seen[i] = true;
    }
  }
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if (kFields[i].required && !seen[i]) {
      return Error{"no line " + std::string(kFields[i].key) + " in a status file"};
    }
  }
  return status;
}

Result<ProcessStatus> readProcessStatus(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return systemError(path);
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0) {
      return systemError(path);
    }
    if (got == 0) {
      return parseProcessStatus(text);
    }
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxStatusBytes) {
      return Error{path + ": too long", EFBIG};
    }
  }
}

}  // namespace holdfast::policy
