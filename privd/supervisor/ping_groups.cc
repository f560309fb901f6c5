#include "privd/supervisor/ping_groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {
namespace {

constexpr const char* kFile = "/proc/sys/net/ipv4/ping_group_range";

bool takeNumber(std::string_view& text, gid_t& number) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return parsed.ec == std::errc{};
}

Status widen(gid_t one, gid_t other) {
  const UniqueFd reader(::open(kFile, O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t size = reader ? ::read(reader.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    return systemError(kFile);
  }
  const auto range =
      widenedRange(std::string_view(text.data(), static_cast<std::size_t>(size)), one, other);
  if (!range) {
    return success();
  }
  const UniqueFd writer(::open(kFile, O_WRONLY | O_CLOEXEC));
  if (!writer || ::write(writer.get(), range->data(), range->size()) < 0) {
    return systemError(kFile);
  }
  return success();
}

}  // namespace

std::optional<std::string> widenedRange(std::string_view present, gid_t one, gid_t other) {
  gid_t lowest = 0;
  gid_t highest = 0;
  if (!takeNumber(present, lowest) || !takeNumber(present, highest)) {
    return std::nullopt;
  }
  const auto [low, high] = std::minmax(one, other);
  if (lowest <= low && high <= highest) {
    return std::nullopt;
  }
  const bool isEmpty = lowest > highest;
  return std::to_string(isEmpty ? low : std::min(low, lowest)) + " " +
         std::to_string(isEmpty ? high : std::max(high, highest));
}

void letPing(const Plan& plan, const WorkerUsers& users, LogSink& log) {
  if (!plan.startChecker || !plan.pings) {
    return;
  }
  if (Status widened = widen(users.checkdGid, users.privdGid); !widened) {
    log.own(kWarning, "PING_CHECK cannot work unless groups " + std::to_string(users.checkdGid) +
                          " and " + std::to_string(users.privdGid) +
                          " are in net.ipv4.ping_group_range: " + widened.error().message);
  }
}

}  // namespace holdfast::supervisor
